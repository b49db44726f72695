//! What is known about a token that may have gone, or that refuses us.

use std::time::Instant;

use super::error::Pkcs11Error;
use crate::contact::Contact;

pub(super) enum Standing {
    /// As far as is known it takes our PIN.
    In(Contact),
    /// It would lock the PIN if the wrong one were tried again; another must be given first.
    Refuses { locked: bool },
}

impl Standing {
    pub fn answered(now: Instant) -> Self {
        Self::In(Contact::Answered(now))
    }

    pub fn admit(&mut self, now: Instant) -> Result<(), Pkcs11Error> {
        match self {
            Self::In(contact) => contact.admit(now).map_err(Pkcs11Error::Lost),
            Self::Refuses { .. } => self.admit_login(),
        }
    }

    pub fn admit_login(&self) -> Result<(), Pkcs11Error> {
        match self {
            Self::Refuses { locked: true } => Err(Pkcs11Error::PinLocked),
            Self::Refuses { locked: false } => Err(Pkcs11Error::WrongPin),
            Self::In(_) => Ok(()),
        }
    }

    pub fn is_news(&self, now: Instant) -> bool {
        matches!(self, Self::In(contact) if contact.is_news(now))
    }

    pub fn refuses(&self) -> bool {
        matches!(self, Self::Refuses { .. })
    }

    pub fn note<T>(&mut self, outcome: &Result<T, Pkcs11Error>, now: Instant) {
        match outcome {
            Ok(_) => *self = Self::answered(now),
            Err(Pkcs11Error::WrongPin) => *self = Self::Refuses { locked: false },
            Err(Pkcs11Error::PinLocked) => *self = Self::Refuses { locked: true },
            Err(Pkcs11Error::Lost(why)) => *self = Self::silent(why.clone(), now),
            // It was there once, and may come back.
            Err(error @ Pkcs11Error::NoToken { .. }) => {
                *self = Self::silent(error.to_string(), now);
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
                | Pkcs11Error::NoRandomness(_)
                | Pkcs11Error::Busy(_)
                | Pkcs11Error::TooMany(_)
                | Pkcs11Error::Failed(_)
                | Pkcs11Error::Refused(_),
            ) => {}
        }
    }

    fn silent(why: String, now: Instant) -> Self {
        Self::In(Contact::silent(why, now))
    }
}
