//! The refresh token: opaque to clients, single use, never stored.
//!
//! `kwr_` + base64url( key version · session id · sequence · MAC ). The MAC is keyed by a server key and covers a salt that only
//! the session's row knows: the successor of a token can be computed again, and neither the database nor the server
//! key alone can forge one. The prefix lets secret scanners find leaked ones.

use std::fmt;

use crate::SessionId;
use crate::keys::MacKey;
use crate::secret::PlainSecret;

const PREFIX: &str = "kwr_";
const MAC_BYTES: usize = 32;
const BYTES: usize = 2 + 16 + 4 + MAC_BYTES;

/// A refresh token taken apart. Nothing in it may be believed before [`RefreshToken::is_authentic`].
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub key_version: u16,
    pub session: SessionId,
    pub sequence: u32,
    mac: [u8; MAC_BYTES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token of this issuer")]
pub struct MalformedRefreshToken;

impl RefreshToken {
    /// The token of `sequence` in the family of `session`: the same bytes whenever it is computed.
    pub fn derive(session: SessionId, sequence: u32, salt: &[u8; 16], key: &MacKey) -> Self {
        let mac = mac(session, sequence, salt, key);
        Self {
            key_version: key.version(),
            session,
            sequence,
            mac,
        }
    }

    pub fn parse(text: &PlainSecret) -> Result<Self, MalformedRefreshToken> {
        let text = text
            .expose()
            .strip_prefix(PREFIX)
            .ok_or(MalformedRefreshToken)?;
        let mut bytes = [0; BYTES];
        if text.len() != base64_simd::URL_SAFE_NO_PAD.encoded_length(BYTES) {
            return Err(MalformedRefreshToken);
        }
        let out = base64_simd::Out::from_slice(&mut bytes);
        base64_simd::URL_SAFE_NO_PAD
            .decode(text.as_bytes(), out)
            .map_err(|_| MalformedRefreshToken)?;
        let (version, rest) = bytes.split_first_chunk().ok_or(MalformedRefreshToken)?;
        let (session, rest) = rest.split_first_chunk().ok_or(MalformedRefreshToken)?;
        let (sequence, rest) = rest.split_first_chunk().ok_or(MalformedRefreshToken)?;
        Ok(Self {
            key_version: u16::from_be_bytes(*version),
            session: SessionId::from_bytes(*session),
            sequence: u32::from_be_bytes(*sequence),
            mac: rest.try_into().map_err(|_| MalformedRefreshToken)?,
        })
    }

    /// Whether this issuer made it for the session whose salt this is. Constant time.
    pub fn is_authentic(&self, salt: &[u8; 16], key: &MacKey) -> bool {
        let expected = mac(self.session, self.sequence, salt, key);
        self.key_version == key.version()
            && aws_lc_rs::constant_time::verify_slices_are_equal(&expected, &self.mac).is_ok()
    }

    pub fn to_secret(&self) -> PlainSecret {
        let mut bytes = [0; BYTES];
        bytes[..2].copy_from_slice(&self.key_version.to_be_bytes());
        bytes[2..18].copy_from_slice(self.session.as_bytes());
        bytes[18..22].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[22..].copy_from_slice(&self.mac);
        PlainSecret::new(format!(
            "{PREFIX}{}",
            base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
        ))
    }
}

fn mac(session: SessionId, sequence: u32, salt: &[u8; 16], key: &MacKey) -> [u8; MAC_BYTES] {
    key.mac(&[
        b"refresh",
        salt,
        session.as_bytes(),
        &sequence.to_be_bytes(),
    ])
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({} #{})", self.session, self.sequence)
    }
}
