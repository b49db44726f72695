//! What each JWS algorithm is called in PKCS#11, and how its keys are made and read.

use aws_lc_rs::digest::{self, SHA256, SHA384};
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType};
use keywright_jwt::{Algorithm, Jwk};

use super::error::Pkcs11Error;
use crate::rsa::public_rsa;

/// As `keywright_jwt::SigningKey::generate` makes them.
const RSA_BITS: u64 = 2048;
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// The object identifiers of P-256 and P-384 (RFC 5480 §2.1.1.1).
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: [u8; 7] = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
/// `edwards25519` as a PrintableString: how PKCS#11 3.0 §2.3.5 names the curve.
const EDWARDS25519: &[u8] = b"\x13\x0cedwards25519";

/// A mechanism, and its name in the standard.
pub(super) type Named = (MechanismType, &'static str);

/// What server secrets and symmetric keys are sealed with.
pub(super) const SEALING: [Named; 2] = [
    (MechanismType::AES_KEY_GEN, "CKM_AES_KEY_GEN"),
    (MechanismType::AES_GCM, "CKM_AES_GCM"),
];

const EC_PAIR: Named = (MechanismType::ECC_KEY_PAIR_GEN, "CKM_EC_KEY_PAIR_GEN");
const RSA_PAIR: Named = (
    MechanismType::RSA_PKCS_KEY_PAIR_GEN,
    "CKM_RSA_PKCS_KEY_PAIR_GEN",
);

/// What the token must be able to do. Symmetric keys are shared with their API, so they sign in this process.
pub(super) const fn needed(algorithm: Algorithm) -> &'static [Named] {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 => &[EC_PAIR, (MechanismType::ECDSA, "CKM_ECDSA")],
        Algorithm::EdDsa => &[
            (
                MechanismType::ECC_EDWARDS_KEY_PAIR_GEN,
                "CKM_EC_EDWARDS_KEY_PAIR_GEN",
            ),
            (MechanismType::EDDSA, "CKM_EDDSA"),
        ],
        Algorithm::Rs256 => &[
            RSA_PAIR,
            (MechanismType::SHA256_RSA_PKCS, "CKM_SHA256_RSA_PKCS"),
        ],
        Algorithm::Ps256 => &[
            RSA_PAIR,
            (
                MechanismType::SHA256_RSA_PKCS_PSS,
                "CKM_SHA256_RSA_PKCS_PSS",
            ),
        ],
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => &SEALING,
    }
}

/// The mechanism that makes a key pair, and what the public half's template says beside what all say.
pub(super) fn pair(algorithm: Algorithm) -> Option<(Mechanism<'static>, Vec<Attribute>)> {
    let curve = |oid: &[u8]| vec![Attribute::EcParams(oid.to_vec())];
    match algorithm {
        Algorithm::Es256 => Some((Mechanism::EccKeyPairGen, curve(&P256))),
        Algorithm::Es384 => Some((Mechanism::EccKeyPairGen, curve(&P384))),
        Algorithm::EdDsa => Some((Mechanism::EccEdwardsKeyPairGen, curve(EDWARDS25519))),
        Algorithm::Rs256 | Algorithm::Ps256 => Some((
            Mechanism::RsaPkcsKeyPairGen,
            vec![
                Attribute::ModulusBits(RSA_BITS.into()),
                Attribute::PublicExponent(RSA_EXPONENT.to_vec()),
            ],
        )),
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => None,
    }
}

/// The attributes that `public_jwk` reads.
pub(super) const PUBLIC: [AttributeType; 1] = [AttributeType::EcPoint];
pub(super) const PUBLIC_RSA: [AttributeType; 2] =
    [AttributeType::Modulus, AttributeType::PublicExponent];

/// The public half as verifiers are served it.
pub(super) fn public_jwk(
    algorithm: Algorithm,
    attributes: &[Attribute],
) -> Result<Jwk, Pkcs11Error> {
    let (mut point, mut modulus, mut exponent) = (None, None, None);
    for attribute in attributes {
        if let Attribute::EcPoint(bytes) = attribute {
            point = Some(bytes);
        } else if let Attribute::Modulus(bytes) = attribute {
            modulus = Some(bytes);
        } else if let Attribute::PublicExponent(bytes) = attribute {
            exponent = Some(bytes);
        }
    }
    match (point, modulus, exponent) {
        (Some(point), None, None) => Ok(Jwk::from_point(algorithm, raw_point(algorithm, point))?),
        (None, Some(n), Some(e)) => Ok(public_rsa(algorithm, n, e)?),
        (Some(_), _, _) | (None, _, _) => Err(Pkcs11Error::Unexpected("C_GetAttributeValue")),
    }
}

/// `CKA_EC_POINT` is an OCTET STRING in DER, and the bare point with tokens that misread an older edition.
fn raw_point(algorithm: Algorithm, bytes: &[u8]) -> &[u8] {
    let length = match algorithm {
        Algorithm::Es256 => 65,
        Algorithm::Es384 => 97,
        Algorithm::EdDsa
        | Algorithm::Rs256
        | Algorithm::Ps256
        | Algorithm::Hs256
        | Algorithm::Hs384
        | Algorithm::Hs512 => 32,
    };
    match bytes {
        [0x04, says, point @ ..] if usize::from(*says) == length && point.len() == length => point,
        bare => bare,
    }
}

/// The mechanism that signs, and what is handed to it. ECDSA takes a hash: not every token hashes for it, and all of them sign one.
pub(super) fn signing(algorithm: Algorithm, input: &[u8]) -> Option<(Mechanism<'static>, Vec<u8>)> {
    let hash = |with| digest::digest(with, input).as_ref().to_vec();
    match algorithm {
        Algorithm::Es256 => Some((Mechanism::Ecdsa, hash(&SHA256))),
        Algorithm::Es384 => Some((Mechanism::Ecdsa, hash(&SHA384))),
        Algorithm::EdDsa => {
            let pure = EddsaParams::new(EddsaSignatureScheme::Ed25519);
            Some((Mechanism::Eddsa(pure), input.to_vec()))
        }
        Algorithm::Rs256 => Some((Mechanism::Sha256RsaPkcs, input.to_vec())),
        Algorithm::Ps256 => {
            // RFC 7518 §3.5: MGF1 with the same hash, and a salt as long as it.
            let params = PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: 32.into(),
            };
            Some((Mechanism::Sha256RsaPkcsPss(params), input.to_vec()))
        }
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_with_and_without_its_der_header() {
        for (algorithm, length) in [
            (Algorithm::Es256, 65),
            (Algorithm::Es384, 97),
            (Algorithm::EdDsa, 32),
        ] {
            // A bare point begins like a DER header does.
            let mut bare = vec![7; length];
            bare[..2].copy_from_slice(&[0x04, u8::try_from(length).unwrap() - 2]);
            let mut wrapped = vec![0x04, u8::try_from(length).unwrap()];
            wrapped.extend(&bare);
            assert_eq!(raw_point(algorithm, &bare), bare);
            assert_eq!(raw_point(algorithm, &wrapped), bare);
        }
    }
}
