//! Keys that sign in this process, from memory, wherever they were sealed; and the probe that every key passes before it is used.

use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{CustodyError, SignError, Signer};
use keywright_jwt::{Algorithm, PrivateKey, SigningKey, VerifyingKey};

use crate::label::{bad, label_of};

struct LocalSigner(SigningKey);

impl Signer for LocalSigner {
    fn kid(&self) -> &str {
        self.0.kid()
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        Ok(self.0.sign(typ, payload)?)
    }
}

/// Takes a key into use whose private half was just unsealed.
pub(crate) fn open(
    record: &KeyRecord,
    private: &PrivateKey,
) -> Result<Arc<dyn Signer>, CustodyError> {
    let (algorithm, label) = (record.ring.algorithm, label_of(record));
    let key = SigningKey::from_private(algorithm, private).map_err(|e| bad(&label, e))?;
    if key.kid() != record.kid {
        return Err(bad(&label, format_args!("it is the key {}", key.kid())));
    }
    let public = match algorithm.is_symmetric() {
        true => key.verifying_key(),
        false => served_half(record)?,
    };
    let signer = LocalSigner(key);
    probe(&signer, &public)?;
    Ok(Arc::new(signer))
}

/// The public half *that verifiers are served*.
pub(crate) fn served_half(record: &KeyRecord) -> Result<VerifyingKey, CustodyError> {
    let label = label_of(record);
    let jwk = record.public.as_ref();
    let jwk = jwk.ok_or_else(|| bad(&label, "its public half is missing"))?;
    VerifyingKey::from_jwk(jwk, record.ring.algorithm).map_err(|e| bad(&label, e))
}

/// The same, and it is the half that the key is named after.
pub(crate) fn named_half(record: &KeyRecord) -> Result<VerifyingKey, CustodyError> {
    let public = served_half(record)?;
    let named = record.public.as_ref().map(|jwk| jwk.thumbprint());
    match named.as_deref() == Some(&*record.kid) {
        true => Ok(public),
        false => Err(bad(&label_of(record), "its public half is another key's")),
    }
}

/// Signs, and verifies with the other half: a row whose two halves disagree would otherwise be noticed only by everybody's verifiers.
pub(crate) fn probe(signer: &dyn Signer, public: &VerifyingKey) -> Result<(), CustodyError> {
    let label = crate::label::signing_label(signer.algorithm(), signer.kid());
    let token = signer.sign("probe", b"{}").map_err(|error| match error {
        SignError::Refused(reason) => bad(&label, reason),
        SignError::Unavailable(detail) => CustodyError::Unavailable(detail),
    })?;
    let (input, signature) = token.rsplit_once('.').unwrap_or_default();
    let signature = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(signature)
        .unwrap_or_default();
    let verified = public.verify(input.as_bytes(), &signature);
    verified.map_err(|_| bad(&label, "its public half does not verify what it signs"))
}
