//! Key pairs whose private half never leaves the engine. What the database has of one is its name in there, and the public half.

use std::sync::Arc;

use keywright_domain::ports::{SignError, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, CompactWriter, Jwk, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::algorithm::{self, Pair};
use super::error::TransitError;
use super::key::{self, KeyId, VERSION};
use super::server::Server;
use crate::place::KEY_PAIR_IN_TRANSIT;
use crate::random::random;

/// `version · what the name ends with`. There is nothing secret in it.
pub(super) fn reference(id: KeyId) -> Sealed {
    Sealed::from_bytes([&[KEY_PAIR_IN_TRANSIT], &id.0[..]].concat())
}

pub(super) fn referred(sealed: &Sealed) -> Option<KeyId> {
    match sealed.as_bytes() {
        [KEY_PAIR_IN_TRANSIT, id @ ..] => id.try_into().map(KeyId).ok(),
        [..] => None,
    }
}

/// Makes a pair in the engine.
pub(super) fn generate(
    server: &Server,
    algorithm: Algorithm,
    pair: &Pair,
) -> Result<(KeyId, Jwk), TransitError> {
    let id = KeyId(random()?);
    let told = key::make(server, &id.to_string(), pair.key_type)?;
    let public = told.public_half();
    let public = public.ok_or_else(|| TransitError::unexpected("keys"))?;
    Ok((id, algorithm::public_jwk(algorithm, public)?))
}

/// Whether the engine has the pair. That it is the one whose public half is served, its signatures must show.
pub(super) fn demand(server: &Server, id: KeyId, pair: &Pair) -> Result<(), TransitError> {
    let name = id.to_string();
    match key::find(server, &name)? {
        Some(told) => told.demand_type(&name, pair.key_type),
        None => Err(TransitError::NoKey { name }),
    }
}

pub(super) struct TransitSigner {
    server: Arc<Server>,
    /// Of its signatures.
    path: String,
    padding: Option<&'static str>,
    writer: CompactWriter,
    signature_len: usize,
}

#[derive(Serialize)]
struct Wanted<'a> {
    input: &'a str,
    key_version: u32,
    /// ECDSA as JWA writes it (RFC 7518 §3.4), and base64url for all.
    marshaling_algorithm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_algorithm: Option<&'static str>,
    /// A salt as long as the hash (RFC 7518 §3.5). Only PSS has one.
    salt_length: &'static str,
}

#[derive(Deserialize)]
struct Signed<'a> {
    signature: &'a str,
}

impl TransitSigner {
    pub fn new(
        server: Arc<Server>,
        id: KeyId,
        pair: &Pair,
        kid: &str,
        public: &VerifyingKey,
    ) -> Self {
        Self {
            server,
            path: format!("sign/{id}{}", pair.hash),
            padding: pair.padding,
            writer: CompactWriter::new(public.algorithm(), kid),
            signature_len: public.signature_len(),
        }
    }

    fn signature(&self, input: &[u8]) -> Result<Vec<u8>, TransitError> {
        let wanted = Wanted {
            input: &base64_simd::STANDARD.encode_to_string(input),
            key_version: VERSION,
            marshaling_algorithm: "jws",
            signature_algorithm: self.padding,
            salt_length: "hash",
        };
        let data = self.server.post(&self.path, &wanted)?;
        let signed: Signed<'_> = data.read()?;
        let signature = key::unversioned(signed.signature, &self.path)?;
        let signature = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(signature);
        let right = signature
            .ok()
            .filter(|bytes| bytes.len() == self.signature_len);
        right.ok_or_else(|| TransitError::unexpected(&self.path))
    }
}

impl Signer for TransitSigner {
    fn kid(&self) -> &str {
        self.writer.kid()
    }

    fn algorithm(&self) -> Algorithm {
        self.writer.algorithm()
    }

    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        self.writer
            .write(typ, payload, self.signature_len, |input| {
                self.signature(input).map_err(unavailable)
            })
    }

    /// Only a signature tells whether there can be one: that the vault is up says nothing of the policy. What is signed is no JWS.
    fn ready(&self) -> Result<(), SignError> {
        if self.server.has_answered() {
            return Ok(());
        }
        let signed = self.signature(b"keywright asks whether this key signs");
        signed.map(drop).map_err(unavailable)
    }
}

/// The key passed its probe, so whatever is wrong now came later and may pass.
fn unavailable(error: TransitError) -> SignError {
    SignError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_back_and_nothing_else_is_one() {
        let id = KeyId([7; KeyId::LENGTH]);
        let written = reference(id);
        assert_eq!(referred(&written), Some(id));
        let bytes = written.as_bytes();
        for other in [&bytes[1..], &bytes[..16], &[bytes, &[0]].concat(), &[][..]] {
            assert_eq!(referred(&Sealed::from_bytes(other.to_vec())), None);
        }
    }
}
