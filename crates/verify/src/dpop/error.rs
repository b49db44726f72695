use keywright_jwt::{CompactError, HeaderError, KeyError};

/// Why a DPoP proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Longer than 8 KiB.
    #[error("the proof is too large")]
    TooLarge,
    /// Not a compact JWS.
    #[error("the proof is malformed")]
    Compact(#[from] CompactError),
    /// The header is malformed, brings no public key, or a private one.
    #[error("the proof header is not acceptable")]
    Header(#[from] HeaderError),
    /// `typ` is not `dpop+jwt`.
    #[error("the proof is of another type")]
    WrongType,
    /// `alg` is not allowed.
    #[error("the proof uses an algorithm that is not accepted")]
    WrongAlgorithm,
    /// The key does not fit the algorithm, or is too weak.
    #[error("the key of the proof is not acceptable")]
    Key(#[from] KeyError),
    /// The token is bound to another key.
    #[error("the token is bound to another key")]
    WrongKey,
    /// The signature does not verify.
    #[error("the proof signature is invalid")]
    Signature,
    /// A claim that RFC 9449 §4.2 requires is absent or malformed.
    #[error("the proof claims are malformed")]
    Claims,
    /// `htm` is another method.
    #[error("the proof is for another method")]
    WrongMethod,
    /// `htu` is another address.
    #[error("the proof is for another address")]
    WrongAddress,
    /// `iat` is too old, or in the future.
    #[error("the proof is not current")]
    NotCurrent,
    /// `ath` is not the hash of the token.
    #[error("the proof is for another token")]
    WrongToken,
    /// `nonce` is absent, or not one that was given out lately.
    #[error("the proof lacks a current nonce")]
    NonceRequired,
    /// The same proof was used before.
    #[error("the proof has been used before")]
    Replayed,
    /// Too many proofs are remembered to tell a replay.
    #[error("too many proofs are in use")]
    Overload,
}

impl ProofError {
    /// A stable name in `snake_case`, for counters, logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "proof_too_large",
            Self::Compact(_) => "proof_malformed",
            Self::Header(_) => "proof_header",
            Self::WrongType => "proof_wrong_type",
            Self::WrongAlgorithm => "proof_wrong_algorithm",
            Self::Key(_) => "proof_key_unfit",
            Self::WrongKey => "proof_wrong_key",
            Self::Signature => "proof_signature_invalid",
            Self::Claims => "proof_claims",
            Self::WrongMethod => "proof_wrong_method",
            Self::WrongAddress => "proof_wrong_address",
            Self::NotCurrent => "proof_not_current",
            Self::WrongToken => "proof_wrong_token",
            Self::NonceRequired => "proof_nonce_required",
            Self::Replayed => "proof_replayed",
            Self::Overload => "proof_overload",
        }
    }
}
