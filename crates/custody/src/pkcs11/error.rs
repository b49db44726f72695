use std::path::PathBuf;

use cryptoki::error::{Error, RvError};
use keywright_domain::ports::CustodyError;

use crate::label::bad;
use crate::random::NoRandomness;
use crate::under_way::TooMany;

/// Why a token does not do what it is asked to. The texts are for the operator, who has to mend it.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs11Error {
    #[error("the module {path} cannot be used: {detail}")]
    Module { path: PathBuf, detail: String },
    #[error("there is no token `{wanted}`; the module has {found}")]
    NoToken { wanted: String, found: String },
    #[error("{count} tokens are called `{wanted}`: name one by its serial number")]
    Ambiguous { wanted: String, count: usize },
    /// Never tried again by itself: a token locks its PIN after a few failures.
    #[error(
        "the token refuses the PIN. It counts failures and locks the PIN after a few: correct the PIN before the next try"
    )]
    WrongPin,
    #[error(
        "the token has locked the PIN after too many failures: its security officer can unlock it"
    )]
    PinLocked,
    #[error("the token has no PIN of a user yet: its security officer sets the first one")]
    NoPin,
    #[error("the token has no {mechanism}, which {needed_for} needs")]
    NoMechanism {
        mechanism: &'static str,
        needed_for: String,
    },
    #[error("the key {id} is not in the token")]
    NoKey { id: String },
    #[error("the token made a key that may leave it")]
    Extractable,
    #[error("the token's public key is not usable: {0}")]
    PublicKey(#[from] keywright_jwt::KeyError),
    #[error("the token answered {0} otherwise than expected")]
    Unexpected(&'static str),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The session, the login or the token is gone; a new session may find it again.
    #[error("the token does not answer: {0}")]
    Lost(String),
    /// Whatever the vendor had no better word for; SoftHSM says so of a seal that is broken.
    #[error("the token fails: {0}")]
    Failed(String),
    #[error("all {0} sessions with the token are busy")]
    Busy(usize),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error("the token refuses: {0}")]
    Refused(String),
}

impl Pkcs11Error {
    /// What fails before there is a session is as good as gone.
    pub(super) fn before_a_session(self) -> Self {
        if let Self::Failed(told) = self {
            Self::Lost(told)
        } else {
            self
        }
    }

    /// Whether the token did look at what it was given.
    pub(super) const fn is_verdict(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Refused(_))
    }

    pub(super) fn into_custody(self, label: &str) -> CustodyError {
        match self {
            Self::Lost(_)
            | Self::NoToken { .. }
            | Self::Busy(_)
            | Self::TooMany(_)
            | Self::WrongPin
            | Self::PinLocked => CustodyError::Unavailable(self.to_string()),
            Self::Module { .. }
            | Self::Ambiguous { .. }
            | Self::NoPin
            | Self::NoMechanism { .. }
            | Self::NoKey { .. }
            | Self::Extractable
            | Self::PublicKey(_)
            | Self::Unexpected(_)
            | Self::NoRandomness(_)
            | Self::Failed(_)
            | Self::Refused(_) => bad(label, self),
        }
    }
}

impl From<Error> for Pkcs11Error {
    fn from(error: Error) -> Self {
        let Error::Pkcs11(code, function) = &error else {
            return Self::Refused(error.to_string());
        };
        // As the standard spells it, but for the prefix of the code: what an operator will look for.
        let told = format!("C_{function:?}: {code:?}");
        if is_wrong_pin(code) {
            Self::WrongPin
        } else if matches!(code, RvError::PinLocked) {
            Self::PinLocked
        } else if matches!(code, RvError::UserPinNotInitialized) {
            Self::NoPin
        } else if is_lost(code) {
            Self::Lost(told)
        } else if matches!(code, RvError::GeneralError | RvError::FunctionFailed) {
            Self::Failed(told)
        } else {
            Self::Refused(told)
        }
    }
}

fn is_wrong_pin(code: &RvError) -> bool {
    use RvError::{PinIncorrect, PinInvalid, PinLenRange};
    matches!(code, PinIncorrect | PinInvalid | PinLenRange)
}

/// Vendors choose freely among these when a token restarts, is taken out, or its network is down. A handle of a key is among them: it dies
/// with the login that saw the key.
fn is_lost(code: &RvError) -> bool {
    use RvError::*;
    matches!(
        code,
        SessionHandleInvalid
            | SessionClosed
            | UserNotLoggedIn
            | KeyHandleInvalid
            | ObjectHandleInvalid
            | CryptokiNotInitialized
            | DeviceError
            | DeviceRemoved
            | TokenNotPresent
            | TokenNotRecognized
            | SlotIdInvalid
    )
}
