use super::{Jwk, Material, small_order};
use crate::json::{JsonError, Reader};
use crate::{Algorithm, base64url};

/// The most that one key may take: RSA of 8192 bits with a certificate chain fits easily.
pub(super) const MAX_KEY_BYTES: usize = 64 * 1024;

/// Why a JWK is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// Not one JSON object with unique members.
    #[error("the key is not valid JSON: {0}")]
    Json(#[from] JsonError),
    /// Longer than any key has reason to be.
    #[error("the key is too large")]
    TooLarge,
    /// A key type or curve that no algorithm here uses.
    #[error("the key type is not supported")]
    UnsupportedType,
    /// `alg`, `use` or `key_ops` reserve the key for something else than the signatures that are supported here.
    #[error("the key is not meant for a supported signature algorithm")]
    UnsupportedUse,
    /// A private member was published: whoever read the document can sign with it.
    #[error("the key carries private members")]
    Private,
    /// A defining member is absent.
    #[error("the key lacks {0:?}")]
    Missing(&'static str),
    /// A defining member has the wrong length, encoding or range.
    #[error("the member {0:?} is malformed")]
    Malformed(&'static str),
}

/// The members that matter, as they stand in the document. Everything else (`x5c`, `x5t`, …) is ignored: keys are
/// trusted for where they were found, never for a certificate that they bring along.
#[derive(Default)]
struct Members {
    kty: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    key_use: Option<String>,
    verify_op: Option<bool>,
    private: bool,
}

pub(super) fn parse(json: &[u8]) -> Result<Jwk, JwkError> {
    if json.len() > MAX_KEY_BYTES {
        return Err(JwkError::TooLarge);
    }
    let mut reader = Reader::new(json)?;
    let jwk = read(&mut reader)?;
    reader.end()?;
    jwk
}

/// Reads one key object. The outer error is broken JSON, which ruins the whole document; the inner one this key alone.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Result<Jwk, JwkError>, JsonError> {
    let mut members = Members::default();
    reader.object(|reader, name| {
        let slot = match name.bytes() {
            b"kty" => &mut members.kty,
            b"crv" => &mut members.crv,
            b"x" => &mut members.x,
            b"y" => &mut members.y,
            b"n" => &mut members.n,
            b"e" => &mut members.e,
            b"kid" => &mut members.kid,
            b"alg" => &mut members.alg,
            b"use" => &mut members.key_use,
            b"key_ops" => {
                members.verify_op = Some(false);
                return reader.strings(|operation| {
                    if operation == "verify" {
                        members.verify_op = Some(true);
                    }
                });
            }
            b"d" | b"p" | b"q" | b"dp" | b"dq" | b"qi" | b"oth" | b"k" | b"priv" => {
                members.private = true;
                return reader.skip();
            }
            _ => return reader.skip(),
        };
        *slot = Some(reader.string()?.into_owned());
        Ok::<(), JsonError>(())
    })?;
    Ok(members.into_jwk())
}

impl Members {
    fn into_jwk(self) -> Result<Jwk, JwkError> {
        let material = match (self.kty.as_deref(), self.crv.as_deref()) {
            (None, _) => return Err(JwkError::Missing("kty")),
            (Some("RSA"), _) => self.rsa()?,
            (Some("EC"), Some("P-256")) => Material::P256(self.point()?),
            (Some("EC"), Some("P-384")) => Material::P384(self.point()?),
            (Some("OKP"), Some("Ed25519")) => self.ed25519()?,
            (Some(_), _) => return Err(JwkError::UnsupportedType),
        };
        if self.private {
            return Err(JwkError::Private);
        }
        if self
            .key_use
            .as_deref()
            .is_some_and(|key_use| key_use != "sig")
            || self.verify_op == Some(false)
        {
            return Err(JwkError::UnsupportedUse);
        }
        let algorithm = match self.alg {
            Some(name) => Some(
                name.parse::<Algorithm>()
                    .map_err(|_| JwkError::UnsupportedUse)?,
            ),
            None => None,
        };
        if algorithm.is_some_and(|algorithm| !material.algorithms().contains(&algorithm)) {
            return Err(JwkError::UnsupportedUse);
        }
        Ok(Jwk {
            material,
            kid: self.kid,
            algorithm,
            signature_use: self.key_use.is_some(),
        })
    }

    fn rsa(&self) -> Result<Material, JwkError> {
        let n = member(&self.n, "n")?;
        let e = member(&self.e, "e")?;
        // RFC 7518 §6.3.1.1: the shortest form. A leading zero would give one key two thumbprints.
        if n.first() == Some(&0) {
            return Err(JwkError::Malformed("n"));
        }
        Material::rsa(&n, &e).map_err(|error| match error {
            crate::KeyError::RsaExponent => JwkError::Malformed("e"),
            crate::KeyError::RsaSize { .. }
            | crate::KeyError::RsaPrimes
            | crate::KeyError::ShortSecret { .. }
            | crate::KeyError::WrongType(_)
            | crate::KeyError::WrongUse(_)
            | crate::KeyError::Malformed(_)
            | crate::KeyError::Generation => JwkError::Malformed("n"),
        })
    }

    fn ed25519(&self) -> Result<Material, JwkError> {
        let point: [u8; 32] = member(&self.x, "x")?
            .try_into()
            .map_err(|_| JwkError::Malformed("x"))?;
        if small_order::is_small_order(&point) {
            Err(JwkError::Malformed("x"))
        } else {
            Ok(Material::Ed25519(point))
        }
    }

    /// `04‖x‖y`. Each coordinate has the full length of the field (RFC 7518 §6.2.1.2), leading zeros included.
    fn point<const N: usize>(&self) -> Result<[u8; N], JwkError> {
        let (x, y) = (member(&self.x, "x")?, member(&self.y, "y")?);
        let coordinate = N / 2;
        let mut point = [0; N];
        point[0] = 4;
        for (name, bytes, space) in [
            ("x", &x, 1..=coordinate),
            ("y", &y, coordinate + 1..=2 * coordinate),
        ] {
            if bytes.len() != coordinate {
                return Err(JwkError::Malformed(name));
            }
            point[space].copy_from_slice(bytes);
        }
        Ok(point)
    }
}

fn member(value: &Option<String>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let text = value.as_deref().ok_or(JwkError::Missing(name))?;
    base64url::decode(text.as_bytes()).map_err(|_| JwkError::Malformed(name))
}
