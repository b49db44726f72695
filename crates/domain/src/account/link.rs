//! One-time links: proof that somebody reads the mail of an address. Consumed atomically, by one guarded write.
//!
//! The token is `kwl_` + base64url(id · MAC). The database holds the id alone, so a stolen database forges none; the server
//! key alone forges none either, because ids are random.

use crate::keys::MacKey;
use crate::secret::PlainSecret;
use crate::{Time, UserId};

const PREFIX: &str = "kwl_";
const MAC_BYTES: usize = 16;

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
        let mut bytes = self.0.to_vec();
        bytes.extend_from_slice(&mac(self, purpose, key));
        PlainSecret::new(format!(
            "{PREFIX}{}",
            base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
        ))
    }

    /// The id in a presented token, if the token was made here for this purpose.
    pub fn from_token(
        token: &PlainSecret,
        purpose: LinkPurpose,
        key: &MacKey,
    ) -> Result<Self, LinkRefused> {
        let text = token.expose().strip_prefix(PREFIX).ok_or(LinkRefused)?;
        let bytes = base64_simd::URL_SAFE_NO_PAD
            .decode_to_vec(text)
            .map_err(|_| LinkRefused)?;
        let (id, presented) = bytes.split_first_chunk::<16>().ok_or(LinkRefused)?;
        let id = LinkId(*id);
        if aws_lc_rs::constant_time::verify_slices_are_equal(&mac(&id, purpose, key), presented)
            .is_ok()
        {
            Ok(id)
        } else {
            Err(LinkRefused)
        }
    }
}

fn mac(id: &LinkId, purpose: LinkPurpose, key: &MacKey) -> [u8; MAC_BYTES] {
    let tag = key.mac(&[b"link", purpose.as_str().as_bytes(), &id.0]);
    let mut short = [0; MAC_BYTES];
    short.copy_from_slice(&tag[..MAC_BYTES]);
    short
}
