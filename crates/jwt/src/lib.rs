//! JOSE without I/O: bytes in, typed claims out. No async, no clock, no network.
//!
//! What the crate owns: the signature algorithms of RFC 7518 and RFC 8037 that are fit for access tokens, their keys
//! ([`SigningKey`], [`VerifyingKey`]), JWK and JWK sets (RFC 7517) with thumbprints (RFC 7638), the compact
//! serialisation (RFC 7515), and the claims of an access token (RFC 7519, RFC 9068).
//!
//! What it does not own: deciding whether a token is acceptable *now* and *here*. Issuer, audience, time, revocation and
//! key discovery belong to `keywright-verify`.
//!
//! Two rules shape every reader in here. A token has exactly one meaning: duplicate members, second spellings of the same
//! base64 and unknown critical headers are refused rather than resolved. And a key knows its algorithm: nothing in a
//! token can choose one (RFC 8725 §3.1).
//!
//! ```
//! use keywright_jwt::{Algorithm, SigningKey};
//!
//! let (key, _private) = SigningKey::generate(Algorithm::Es256)?;
//! let token = key.sign("at+jwt", br#"{"sub":"alice"}"#)?;
//!
//! let compact = keywright_jwt::Compact::split(&token)?;
//! let signature = compact.decode_signature()?;
//! key.verifying_key().verify(compact.signing_input(), signature.as_bytes())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod access;
mod algorithm;
mod base64url;
mod claims;
mod compact;
mod header;
mod id;
mod json;
mod jwk;
mod key;
mod unverified;

pub use access::{AccessClaims, Actor, Confirmation, PayloadError, StatusReference, is_reserved};
pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use base64url::NotBase64Url;
pub use claims::{ClaimIndex, Claims, ClaimsError, Strings};
pub use compact::{Compact, CompactError, SignatureBytes};
pub use header::{Header, HeaderError, ProofHeader};
pub use id::{IdClaims, half_hash};
pub use json::JsonError;
pub use jwk::{Jwk, JwkError, JwkSet, JwkSetError};
pub use key::{
    CompactWriter, KeyError, PrivateKey, SignError, SignatureInvalid, SigningKey, VerifyingKey,
};
pub use unverified::{UnreadableToken, Unverified, decode_unverified};
