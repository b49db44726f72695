use std::borrow::Cow;

use base64_simd::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::bitmap::Bitmap;
use crate::{KeySlot, Refusal, signed};

/// The clocks of issuer and verifier may differ by this many seconds.
const LEEWAY: i64 = 300;

/// A list that says nothing else is asked for again after this many seconds.
const DEFAULT_TTL: u64 = 300;

/// Why a status list token is not taken. The list held before stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusListError {
    /// Not a `statuslist+jwt` signed by the issuer.
    #[error("the status list token is not acceptable: {0}")]
    Token(#[from] Refusal),
    /// A claim that the specification requires is absent or malformed.
    #[error("the status list token lacks a well-formed {0}")]
    MissingClaim(&'static str),
    /// `sub` is not the address that the list was asked for at (Token Status List §8.3): another list, perhaps of other
    /// tokens.
    #[error("the status list token is for another list")]
    WrongList,
    /// `iss` is present and another issuer.
    #[error("the status list token is from another issuer")]
    WrongIssuer,
    /// `exp` has passed.
    #[error("the status list token has expired")]
    Expired,
    /// `iat` lies in the future.
    #[error("the status list token was issued in the future")]
    IssuedInFuture,
    /// Published before the list that is held: taking it could undo revocations.
    #[error("the status list token is older than the one that is held")]
    Older,
    /// The list is outside the issuer's own origin, or there are too many.
    #[error("the address of the status list is not acceptable")]
    Address,
    /// Entries have a width other than 1, 2, 4 or 8 bits.
    #[error("status list entries of {0} bits")]
    Bits(u8),
    /// `lst` is not canonical base64url of a ZLIB stream.
    #[error("the status list is not compressed as specified")]
    Compression,
    /// The list inflates to more than 4 MiB.
    #[error("the status list is too large")]
    TooLarge,
}

impl StatusListError {
    /// A stable name in `snake_case`, for logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(refusal) => refusal.code(),
            Self::MissingClaim(_) => "missing_claim",
            Self::WrongList => "wrong_list",
            Self::WrongIssuer => "wrong_issuer",
            Self::Expired => "list_expired",
            Self::IssuedInFuture => "list_from_future",
            Self::Older => "list_older",
            Self::Address => "list_address",
            Self::Bits(_) => "list_bits",
            Self::Compression => "list_compression",
            Self::TooLarge => "list_too_large",
        }
    }
}

/// A verified status list token, inflated.
pub(super) struct StatusListToken {
    pub bitmap: Bitmap,
    pub issued_at: i64,
    pub expires: Option<i64>,
    /// Seconds after which to ask again.
    pub ttl: u64,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    status_list: List<'a>,
    ttl: Option<u64>,
}

#[derive(Deserialize)]
struct List<'a> {
    bits: u8,
    #[serde(borrow)]
    lst: Cow<'a, str>,
}

/// What a list must be to be taken.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub uri: &'a str,
    pub now: i64,
}

impl StatusListToken {
    /// Checks in the order of Token Status List §8.3: signature and type, then subject and time, then the list.
    pub fn verify(
        token: &str,
        keys: &KeySlot,
        expected: &Expected<'_>,
    ) -> Result<Self, StatusListError> {
        let scratch = signed::verify(token, "statuslist+jwt", keys)?;
        let claims = scratch.claims();
        if claims.iss().is_some_and(|issuer| issuer != expected.issuer) {
            return Err(StatusListError::WrongIssuer);
        }
        if claims.sub().ok_or(StatusListError::MissingClaim("sub"))? != expected.uri {
            return Err(StatusListError::WrongList);
        }
        let issued_at = claims.iat().ok_or(StatusListError::MissingClaim("iat"))?;
        if issued_at > expected.now.saturating_add(LEEWAY) {
            return Err(StatusListError::IssuedInFuture);
        }
        if claims.exp().is_some_and(|expires| expires <= expected.now) {
            return Err(StatusListError::Expired);
        }
        let payload: Payload<'_> = claims
            .deserialize()
            .map_err(|_| StatusListError::MissingClaim("status_list"))?;
        // RFC 7519 numbers may be zero; a `ttl` must not be (Token Status List §5.1).
        if payload.ttl == Some(0) {
            return Err(StatusListError::MissingClaim("ttl"));
        }
        let compressed = URL_SAFE_NO_PAD
            .decode_to_vec(payload.status_list.lst.as_bytes())
            .map_err(|_| StatusListError::Compression)?;
        Ok(Self {
            bitmap: Bitmap::inflate(payload.status_list.bits, &compressed)?,
            issued_at,
            expires: claims.exp(),
            ttl: payload.ttl.unwrap_or(DEFAULT_TTL),
        })
    }
}
