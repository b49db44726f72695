use aws_lc_rs::digest;

use crate::key::{KeyError, has_weak_primes};
use crate::{Algorithm, base64url};

/// The numbers of a public key. Points are kept as SEC 1 writes them (`04‖x‖y`), which is what the backend parses.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256([u8; 65]),
    P384([u8; 97]),
    Ed25519([u8; 32]),
}

impl Material {
    /// An RSA key inside the bounds that RFC 7518 §3.3 and the backend set. Both numbers come without leading zeros.
    pub fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let bits = n
            .first()
            .map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if !(2048..=8192).contains(&bits) {
            return Err(KeyError::RsaSize { bits });
        }
        let exponent = e.iter().fold(0_u64, |value, byte| {
            value.saturating_mul(256).saturating_add(u64::from(*byte))
        });
        if exponent < 65_537
            || exponent > u64::from(u32::MAX)
            || exponent % 2 == 0
            || e.first() == Some(&0)
        {
            return Err(KeyError::RsaExponent);
        }
        if has_weak_primes(n) {
            return Err(KeyError::RsaPrimes);
        }
        Ok(Self::Rsa {
            n: n.to_vec(),
            e: e.to_vec(),
        })
    }

    /// The public key as the backend hands it out: an uncompressed point, or the 32 bytes of Ed25519.
    pub fn from_point(algorithm: Algorithm, point: &[u8]) -> Result<Self, KeyError> {
        let wrong = |_| KeyError::WrongType(algorithm);
        match algorithm {
            Algorithm::Es256 => point.try_into().map(Self::P256).map_err(wrong),
            Algorithm::Es384 => point.try_into().map(Self::P384).map_err(wrong),
            Algorithm::EdDsa => point.try_into().map(Self::Ed25519).map_err(wrong),
            Algorithm::Hs256
            | Algorithm::Hs384
            | Algorithm::Hs512
            | Algorithm::Rs256
            | Algorithm::Ps256 => Err(KeyError::WrongType(algorithm)),
        }
    }

    /// `kty`, as the JWK spells it.
    pub fn key_type(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::P256(_) | Self::P384(_) => "EC",
            Self::Ed25519(_) => "OKP",
        }
    }

    /// Every algorithm that a key of this type can verify.
    pub fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Rsa { .. } => &[Algorithm::Rs256, Algorithm::Ps256],
            Self::P256(_) => &[Algorithm::Es256],
            Self::P384(_) => &[Algorithm::Es384],
            Self::Ed25519(_) => &[Algorithm::EdDsa],
        }
    }

    /// The members that define the key, in the lexicographic order that RFC 7638 §3.3 hashes.
    pub fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rsa { n, e } => {
                vec![
                    ("e", base64url::encode(e)),
                    ("kty", "RSA".to_owned()),
                    ("n", base64url::encode(n)),
                ]
            }
            Self::P256(point) => curve_members("P-256", &point[1..]),
            Self::P384(point) => curve_members("P-384", &point[1..]),
            Self::Ed25519(point) => {
                vec![
                    ("crv", "Ed25519".to_owned()),
                    ("kty", "OKP".to_owned()),
                    ("x", base64url::encode(point)),
                ]
            }
        }
    }

    /// RFC 7638: SHA-256 over the defining members alone, without white space.
    pub fn thumbprint(&self) -> String {
        let mut canonical = String::with_capacity(512);
        for (name, value) in self.members() {
            canonical.push(if canonical.is_empty() { '{' } else { ',' });
            canonical.extend(["\"", name, "\":\"", &value, "\""]);
        }
        canonical.push('}');
        base64url::encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    }
}

fn curve_members(curve: &str, coordinates: &[u8]) -> Vec<(&'static str, String)> {
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    vec![
        ("crv", curve.to_owned()),
        ("kty", "EC".to_owned()),
        ("x", base64url::encode(x)),
        ("y", base64url::encode(y)),
    ]
}
