//! One-time links: proof that somebody reads the mail of an address. Consumed atomically, by one guarded write.

use crate::keys::MacKey;
use crate::one_time::OneTime;
use crate::secret::PlainSecret;
use crate::{Time, UserId};

/// 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(pub [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    VerifyEmail,
    ResetPassword,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: LinkId,
    pub purpose: LinkPurpose,
    pub user: UserId,
    pub created_at: Time,
    pub expires_at: Time,
}

/// One answer for unknown, forged, expired and used links: the difference is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link is not valid: it is unknown, expired, or was used already")]
pub struct LinkRefused;

impl LinkPurpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            LinkPurpose::VerifyEmail => "verify_email",
            LinkPurpose::ResetPassword => "reset_password",
        }
    }
}

impl LinkId {
    pub fn token(&self, purpose: LinkPurpose, key: &MacKey) -> PlainSecret {
        kind(&[b"link", purpose.as_str().as_bytes()]).token(&self.0, key)
    }

    /// The id in a presented token, if the token was made here for this purpose.
    pub fn from_token(
        token: &PlainSecret,
        purpose: LinkPurpose,
        key: &MacKey,
    ) -> Result<Self, LinkRefused> {
        kind(&[b"link", purpose.as_str().as_bytes()])
            .id_of(token, key)
            .map(LinkId)
            .ok_or(LinkRefused)
    }
}

fn kind<'a>(purpose: &'a [&'a [u8]]) -> OneTime<'a> {
    OneTime {
        prefix: "kwl_",
        purpose,
    }
}
