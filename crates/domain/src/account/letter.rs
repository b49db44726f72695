//! Letters to people. A letter is a row in the outbox, written in the transaction of its cause and sent by a background
//! task: the answer to a request neither waits for SMTP nor tells by its duration whether a letter went out, and a crash
//! loses none.
//!
//! No secret rests in the outbox: a link's token is derived from the link's id and a server key when the letter is written.

use crate::account::{Email, LinkId, Username};
use crate::secret::PlainSecret;
use crate::{Time, UserId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Proves that the address is the registrant's.
    VerifyEmail(LinkId),
    /// Somebody registered with an address that has an account already.
    AlreadyRegistered,
    /// Somebody registered with a user name that is taken.
    UsernameTaken(Username),
    ResetPassword(LinkId),
    PasswordChanged,
    /// A refresh token was used twice: somebody else may hold it.
    TheftDetected,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub id: [u8; 16],
    pub to: Email,
    pub user: Option<UserId>,
    pub kind: LetterKind,
    pub created_at: Time,
}

/// A letter as it leaves: what the mail port sends.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: Email,
    pub kind: LetterKind,
    /// The one-time token that the letter carries, for the kinds that have a link.
    pub token: Option<PlainSecret>,
}

impl LetterKind {
    /// The stored name, and the one-time link that the letter carries.
    pub const fn as_str(&self) -> &'static str {
        match self {
            LetterKind::VerifyEmail(_) => "verify_email",
            LetterKind::AlreadyRegistered => "already_registered",
            LetterKind::UsernameTaken(_) => "username_taken",
            LetterKind::ResetPassword(_) => "reset_password",
            LetterKind::PasswordChanged => "password_changed",
            LetterKind::TheftDetected => "theft_detected",
        }
    }

    pub const fn link(&self) -> Option<&LinkId> {
        match self {
            LetterKind::VerifyEmail(link) | LetterKind::ResetPassword(link) => Some(link),
            LetterKind::AlreadyRegistered
            | LetterKind::UsernameTaken(_)
            | LetterKind::PasswordChanged
            | LetterKind::TheftDetected => None,
        }
    }
}
