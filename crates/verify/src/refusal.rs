use keywright_jwt::{ClaimsError, CompactError, HeaderError};

use crate::{Challenge, ProofError};

/// Why a token was not accepted.
///
/// [`Refusal::code`] is stable: use it in counters and tests. The text says what is wrong with the token and nothing
/// about the service, so both may be shown to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Longer than the verifier accepts.
    #[error("the token is too large")]
    TooLarge,
    /// Not a compact JWS in canonical encoding.
    #[error("the token is malformed")]
    Compact(#[from] CompactError),
    /// The header is malformed or asks for what no access token may ask.
    #[error("the token header is not acceptable")]
    Header(#[from] HeaderError),
    /// `typ` declares another kind of token (RFC 8725 §3.11).
    #[error("the token is of another type")]
    WrongType,
    /// No keys have been loaded yet, or the last good ones are too old. The token may be fine.
    #[error("verification keys are unavailable")]
    KeysUnavailable,
    /// `kid` names no current key.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// The key that `kid` names was revoked: whoever holds it may be anybody.
    #[error("the token is signed by a revoked key")]
    RevokedKey,
    /// There is no `kid` and more than one key that it could mean.
    #[error("the token does not name its key")]
    AmbiguousKey,
    /// `alg` is not the algorithm that the key is pinned to, or not allowed here.
    #[error("the token uses another algorithm")]
    WrongAlgorithm,
    /// The signature does not verify.
    #[error("the token signature is invalid")]
    Signature,
    /// The payload is not a strict claims object.
    #[error("the token claims are malformed")]
    Claims(#[from] ClaimsError),
    /// A required claim is absent or empty.
    #[error("the token lacks the claim {0}")]
    MissingClaim(&'static str),
    /// `iss` is another issuer.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// `aud` does not name this service.
    #[error("the token is for another audience")]
    WrongAudience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not yet valid")]
    NotYetValid,
    /// `iat` lies in the future: one of two clocks is wrong.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// Issued longer ago than the service accepts.
    #[error("the token is too old")]
    TooOld,
    /// The user authenticated longer ago, or less strongly, than the service accepts (RFC 9470).
    #[error("a more recent or stronger login is required")]
    InsufficientAuthentication,
    /// The token is bound to a key (`cnf`) and no proof of it was checked. Taking it as a bearer token would undo the
    /// binding (RFC 9449 §7.1).
    #[error("the token requires proof of possession")]
    ProofRequired,
    /// The proof of possession is not acceptable.
    #[error("the proof of possession is not acceptable: {0}")]
    Proof(#[from] ProofError),
    /// The token is bound to another client certificate, or the connection has shown none (RFC 8705 §3).
    #[error("the token is bound to another certificate")]
    WrongCertificate,
    /// The token is not bound to a key, and only bound ones are taken.
    #[error("the token is not bound to a key")]
    NotBound,
    /// The token has been revoked.
    #[error("the token has been revoked")]
    Revoked,
    /// The token is suspended.
    #[error("the token is suspended")]
    Suspended,
    /// What the token says is out of date; a refreshed one will do.
    #[error("the token is out of date")]
    Stale,
    /// Revocation knowledge is too old, and the policy is to fail closed.
    #[error("the revocation state is unknown")]
    StatusUnknown,
    /// A scope is missing.
    #[error("the token lacks a required scope")]
    InsufficientScope {
        /// All scopes that the operation requires, separated by spaces.
        required: String,
    },
    /// A role is missing.
    #[error("the token lacks a required role")]
    InsufficientRole {
        /// The role that the operation requires.
        required: String,
    },
}

impl Refusal {
    /// A stable name in `snake_case`, for counters, logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "token_too_large",
            Self::Compact(error) => error.code(),
            Self::Header(error) => error.code(),
            Self::WrongType => "wrong_type",
            Self::KeysUnavailable => "keys_unavailable",
            Self::UnknownKey => "unknown_key",
            Self::RevokedKey => "key_revoked",
            Self::AmbiguousKey => "ambiguous_key",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::Signature => "signature_invalid",
            Self::Claims(error) => error.code(),
            Self::MissingClaim(_) => "missing_claim",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::TooOld => "too_old",
            Self::InsufficientAuthentication => "insufficient_authentication",
            Self::ProofRequired => "proof_required",
            Self::Proof(error) => error.code(),
            Self::WrongCertificate => "wrong_certificate",
            Self::NotBound => "not_bound",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::Stale => "stale",
            Self::StatusUnknown => "status_unknown",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::InsufficientRole { .. } => "insufficient_role",
        }
    }

    /// The HTTP status to answer with: 401, 403, or 503 where the fault is not the token's.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::KeysUnavailable | Self::StatusUnknown | Self::Proof(ProofError::Overload) => 503,
            Self::InsufficientScope { .. } | Self::InsufficientRole { .. } => 403,
            Self::TooLarge
            | Self::Compact(_)
            | Self::Header(_)
            | Self::WrongType
            | Self::UnknownKey
            | Self::RevokedKey
            | Self::AmbiguousKey
            | Self::WrongAlgorithm
            | Self::Signature
            | Self::Claims(_)
            | Self::MissingClaim(_)
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::Expired
            | Self::NotYetValid
            | Self::IssuedInFuture
            | Self::TooOld
            | Self::InsufficientAuthentication
            | Self::ProofRequired
            | Self::Proof(_)
            | Self::WrongCertificate
            | Self::NotBound
            | Self::Revoked
            | Self::Suspended
            | Self::Stale => 401,
        }
    }

    /// The `WWW-Authenticate` value to answer with (RFC 6750 §3, RFC 9449 §7.1).
    pub fn challenge(&self) -> Challenge {
        Challenge::refused(self)
    }
}
