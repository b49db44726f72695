//! What is known about a token that may have gone: when it last answered, and when to ask it again.

use std::time::Instant;

use super::error::Pkcs11Error;
use super::token::PAUSE;

pub(super) enum Contact {
    Answered(Instant),
    /// Callers are refused at once until then, instead of waiting one after the other.
    Silent {
        until: Instant,
        why: String,
    },
    /// It would lock the PIN if the wrong one were tried again; another must be given first.
    Refuses {
        locked: bool,
    },
}

impl Contact {
    pub fn admit(&self, now: Instant) -> Result<(), Pkcs11Error> {
        match self {
            Self::Silent { until, why } if now < *until => Err(Pkcs11Error::Lost(why.clone())),
            Self::Answered(_) | Self::Silent { .. } | Self::Refuses { .. } => self.admit_login(),
        }
    }

    pub fn admit_login(&self) -> Result<(), Pkcs11Error> {
        match self {
            Self::Refuses { locked: true } => Err(Pkcs11Error::PinLocked),
            Self::Refuses { locked: false } => Err(Pkcs11Error::WrongPin),
            Self::Answered(_) | Self::Silent { .. } => Ok(()),
        }
    }

    pub fn answered_since(&self, since: Instant) -> bool {
        matches!(self, Self::Answered(at) if *at >= since)
    }

    pub fn refuses(&self) -> bool {
        matches!(self, Self::Refuses { .. })
    }

    pub fn note<T>(&mut self, outcome: &Result<T, Pkcs11Error>, now: Instant) {
        match outcome {
            Ok(_) => *self = Self::Answered(now),
            Err(Pkcs11Error::WrongPin) => *self = Self::Refuses { locked: false },
            Err(Pkcs11Error::PinLocked) => *self = Self::Refuses { locked: true },
            Err(Pkcs11Error::Lost(why)) => *self = Self::silent(now, why.clone()),
            // It was there once, and may come back.
            Err(error @ Pkcs11Error::NoToken { .. }) => {
                *self = Self::silent(now, error.to_string());
            }
            Err(
                Pkcs11Error::Ambiguous { .. }
                | Pkcs11Error::Module { .. }
                | Pkcs11Error::NoPin
                | Pkcs11Error::NoMechanism { .. }
                | Pkcs11Error::NoKey { .. }
                | Pkcs11Error::Extractable
                | Pkcs11Error::PublicKey(_)
                | Pkcs11Error::Unexpected(_)
                | Pkcs11Error::NoRandomness
                | Pkcs11Error::Busy(_)
                | Pkcs11Error::Failed(_)
                | Pkcs11Error::Refused(_),
            ) => {}
        }
    }

    fn silent(now: Instant, why: String) -> Self {
        let until = now + PAUSE;
        Self::Silent { until, why }
    }
}
