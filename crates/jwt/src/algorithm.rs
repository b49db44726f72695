use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A signature algorithm of JWS. `none` has no value here, so no code can be asked to accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Algorithm {
    /// HMAC with SHA-256 (RFC 7518 §3.2).
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// RSASSA-PSS with SHA-256 and a salt as long as the hash (RFC 7518 §3.5).
    Ps256,
    /// ECDSA on P-256 with SHA-256, as r‖s (RFC 7518 §3.4).
    Es256,
    /// ECDSA on P-384 with SHA-384, as r‖s.
    Es384,
    /// Ed25519 (RFC 8037); written `EdDSA`, and read under its RFC 9864 name `Ed25519` too.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, in the order of preference that documentation uses.
    pub const ALL: [Algorithm; 8] = [
        Self::Es256,
        Self::EdDsa,
        Self::Es384,
        Self::Ps256,
        Self::Rs256,
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
    ];

    /// The registered name, as the `alg` header carries it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether whoever can verify can also sign.
    pub const fn is_symmetric(self) -> bool {
        match self {
            Self::Hs256 | Self::Hs384 | Self::Hs512 => true,
            Self::Rs256 | Self::Ps256 | Self::Es256 | Self::Es384 | Self::EdDsa => false,
        }
    }
}

/// `alg` names no algorithm that this crate offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown signature algorithm")]
pub struct UnknownAlgorithm;

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Algorithm names are case-sensitive (RFC 7515 §4.1.1).
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "HS256" => Ok(Self::Hs256),
            "HS384" => Ok(Self::Hs384),
            "HS512" => Ok(Self::Hs512),
            "RS256" => Ok(Self::Rs256),
            "PS256" => Ok(Self::Ps256),
            "ES256" => Ok(Self::Es256),
            "ES384" => Ok(Self::Es384),
            "EdDSA" | "Ed25519" => Ok(Self::EdDsa),
            _ => Err(UnknownAlgorithm),
        }
    }
}

impl TryFrom<String> for Algorithm {
    type Error = UnknownAlgorithm;

    fn try_from(name: String) -> Result<Self, UnknownAlgorithm> {
        name.parse()
    }
}

impl From<Algorithm> for &'static str {
    fn from(algorithm: Algorithm) -> Self {
        algorithm.as_str()
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_read_back_from_its_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
        }
    }

    #[test]
    fn a_name_is_shown_as_it_is_carried() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string(), algorithm.as_str());
            assert_eq!(<&str>::from(algorithm), algorithm.as_str());
        }
    }

    #[test]
    fn the_hmac_algorithms_are_the_symmetric_ones() {
        for algorithm in Algorithm::ALL {
            let hmac = algorithm.as_str().starts_with("HS");
            assert_eq!(algorithm.is_symmetric(), hmac, "{algorithm}");
        }
    }

    #[test]
    fn the_fully_specified_name_of_ed25519_is_read() {
        assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDsa));
    }

    #[test]
    fn other_spellings_are_unknown() {
        for name in [
            "none", "None", "NONE", "", "hs256", "Es256", "ES256 ", "RS384", "ES256K", "eddsa",
            "Ed448",
        ] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }
}
