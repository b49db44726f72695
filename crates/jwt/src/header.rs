use std::borrow::Cow;

use crate::Algorithm;
use crate::algorithm::UnknownAlgorithm;
use crate::json::{JsonError, Reader};
use crate::jwk::{self, Jwk, JwkError};

/// Far more than a header of ours (about 110 bytes) or of anybody with an `x5t` needs.
const MAX_HEADER: usize = 4096;

/// Names are compared with each other, so many of them would be work for nothing. No header has a tenth of this.
const MAX_MEMBERS: usize = 64;

/// The part of a JOSE header that may be believed before the signature is checked: only what selects a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header<'a> {
    /// The algorithm the sender claims. It must equal the key's own.
    pub algorithm: Algorithm,
    /// The declared type, such as `at+jwt`.
    pub typ: Option<Cow<'a, str>>,
    /// The name of the key.
    pub kid: Option<Cow<'a, str>>,
}

/// The header of a proof that brings its own key, such as DPoP (RFC 9449 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProofHeader<'a> {
    /// The members that every header has.
    pub header: Header<'a>,
    /// The public key that the proof proves possession of. It authenticates nobody by itself.
    pub jwk: Jwk,
}

/// Why a header is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Longer than 4096 bytes.
    #[error("the header is too large")]
    TooLarge,
    /// Not one JSON object with unique members of the registered types.
    #[error("the header is not valid JSON: {0}")]
    Json(#[from] JsonError),
    /// `alg` is absent.
    #[error("the header names no algorithm")]
    NoAlgorithm,
    /// `alg` is `none`, in whatever spelling: an unsigned token.
    #[error("unsigned tokens are not accepted")]
    Unsigned,
    /// `alg` names an algorithm that is not offered here.
    #[error(transparent)]
    UnknownAlgorithm(#[from] UnknownAlgorithm),
    /// `crit`, or `b64`: an extension that must be understood and is not (RFC 7515 §4.1.11, RFC 7797 §6).
    #[error("the header demands an extension that is not supported")]
    Critical,
    /// `jwk`, `jku`, `x5u` or `x5c`: a key chosen by whoever sends the token (CVE-2018-0114).
    #[error("the header brings its own key in {0:?}")]
    EmbeddedKey(&'static str),
    /// `zip`: compressed content has no place in a signed token.
    #[error("the header announces compression")]
    Compressed,
    /// `cty`: the payload is another token, not claims (RFC 7519 §5.2).
    #[error("the header announces nested content")]
    Nested,
    /// `enc`: this is the header of an encrypted token.
    #[error("the token is encrypted, not signed")]
    Encrypted,
    /// A proof lacks its key, or the key is unfit.
    #[error("the proof's key is not acceptable: {0}")]
    ProofKey(JwkError),
}

impl HeaderError {
    /// A stable name for logs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "header_too_large",
            Self::Json(_) => "header_malformed",
            Self::NoAlgorithm => "algorithm_missing",
            Self::Unsigned => "algorithm_none",
            Self::UnknownAlgorithm(_) => "algorithm_unknown",
            Self::Critical => "header_critical",
            Self::EmbeddedKey(_) => "header_embedded_key",
            Self::Compressed => "header_compressed",
            Self::Nested => "header_nested",
            Self::Encrypted => "header_encrypted",
            Self::ProofKey(_) => "proof_key_unfit",
        }
    }
}

impl<'a> Header<'a> {
    /// Reads the header of a token whose key the verifier chooses.
    pub fn parse(json: &'a [u8]) -> Result<Self, HeaderError> {
        read(json, |_| Err(HeaderError::EmbeddedKey("jwk")))
    }
}

impl<'a> ProofHeader<'a> {
    /// Reads the header of a proof: `jwk` is demanded, and everything else is as strict as for a token.
    pub fn parse(json: &'a [u8]) -> Result<Self, HeaderError> {
        let mut found = None;
        let header = read(json, |reader| {
            found = Some(jwk::read(reader)?.map_err(HeaderError::ProofKey)?);
            Ok(())
        })?;
        let jwk = found.ok_or(HeaderError::ProofKey(JwkError::Missing("jwk")))?;
        Ok(Self { header, jwk })
    }
}

fn read<'a>(
    json: &'a [u8],
    mut embedded_jwk: impl FnMut(&mut Reader<'a>) -> Result<(), HeaderError>,
) -> Result<Header<'a>, HeaderError> {
    if json.len() > MAX_HEADER {
        return Err(HeaderError::TooLarge);
    }
    let mut reader = Reader::new(json)?;
    let (mut algorithm, mut typ, mut kid) = (None, None, None);
    let mut members = 0;
    reader.object(|reader, name| {
        members += 1;
        if members > MAX_MEMBERS {
            return Err(JsonError::TooManyMembers.into());
        }
        match name.bytes() {
            b"alg" => algorithm = Some(parse_algorithm(&reader.string()?)?),
            b"typ" => typ = Some(reader.string()?),
            b"kid" => kid = Some(reader.string()?),
            b"jwk" => embedded_jwk(reader)?,
            b"jku" => return Err(HeaderError::EmbeddedKey("jku")),
            b"x5u" => return Err(HeaderError::EmbeddedKey("x5u")),
            b"x5c" => return Err(HeaderError::EmbeddedKey("x5c")),
            b"crit" | b"b64" => return Err(HeaderError::Critical),
            b"zip" => return Err(HeaderError::Compressed),
            b"cty" => return Err(HeaderError::Nested),
            b"enc" => return Err(HeaderError::Encrypted),
            // RFC 7515 §4: members that are not understood are ignored unless `crit` names them.
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    reader.end()?;
    Ok(Header {
        algorithm: algorithm.ok_or(HeaderError::NoAlgorithm)?,
        typ,
        kid,
    })
}

fn parse_algorithm(name: &str) -> Result<Algorithm, HeaderError> {
    if name.eq_ignore_ascii_case("none") {
        return Err(HeaderError::Unsigned);
    }
    Ok(name.parse()?)
}
