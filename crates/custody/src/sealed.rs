//! Keys sealed in the database under a master key. They sign in this process, from memory.

use std::fmt;
use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey, SignError, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::MasterKey;
use crate::envelope::{Envelope, OpenError};

pub struct SealedCustody {
    envelope: Envelope,
}

impl SealedCustody {
    pub fn new(master: &MasterKey) -> Result<Self, CustodyError> {
        let envelope = Envelope::new(master).map_err(|e| bad("master key", e))?;
        Ok(Self { envelope })
    }

    fn private_key(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        let label = signing_label(record.ring.algorithm, &record.kid);
        let bytes = self.unseal_bytes(&label, &record.sealed)?;
        Ok(PrivateKey::from_bytes(bytes.to_vec()))
    }

    fn unseal_bytes(
        &self,
        label: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        self.envelope
            .open(label, sealed.as_bytes())
            .map_err(|reason| match reason {
                OpenError::OtherMasterKey => CustodyError::WrongMasterKey {
                    label: label.to_owned(),
                },
                OpenError::UnknownVersion(_) | OpenError::Truncated | OpenError::Changed => {
                    bad(label, reason)
                }
            })
    }
}

impl Custody for SealedCustody {
    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        let (key, private) =
            SigningKey::generate(algorithm).map_err(|e| bad(algorithm.as_str(), e))?;
        let label = signing_label(algorithm, key.kid());
        let sealed = self
            .envelope
            .seal(&label, private.as_bytes())
            .map_err(|e| bad(&label, e))?;
        Ok(NewKey {
            kid: key.kid().to_owned(),
            public: key.public_jwk(),
            sealed: Sealed::from_bytes(sealed),
        })
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        let algorithm = record.ring.algorithm;
        let label = signing_label(algorithm, &record.kid);
        let private = self.private_key(record)?;
        let key = SigningKey::from_private(algorithm, &private).map_err(|e| bad(&label, e))?;
        if key.kid() != record.kid {
            return Err(bad(&label, format_args!("it is the key {}", key.kid())));
        }
        probe(&key, record).map_err(|detail| bad(&label, detail))?;
        Ok(Arc::new(LocalSigner(key)))
    }

    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        let algorithm = record.ring.algorithm;
        if !algorithm.is_symmetric() {
            let label = signing_label(algorithm, &record.kid);
            return Err(bad(&label, "the private half of a key pair never leaves"));
        }
        self.private_key(record)
    }

    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        let label = server_label(label);
        let sealed = self
            .envelope
            .seal(&label, secret)
            .map_err(|e| bad(&label, e))?;
        Ok(Sealed::from_bytes(sealed))
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        self.unseal_bytes(&server_label(label), sealed)
    }
}

impl fmt::Debug for SealedCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedCustody(…)")
    }
}

struct LocalSigner(SigningKey);

impl Signer for LocalSigner {
    fn kid(&self) -> &str {
        self.0.kid()
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        self.0.sign(typ, payload)
    }
}

/// Signs, and verifies with the public half *that verifiers are served*: a row whose two halves disagree would otherwise be
/// noticed only by everybody's verifiers.
fn probe(key: &SigningKey, record: &KeyRecord) -> Result<(), String> {
    let public = match &record.public {
        Some(jwk) => VerifyingKey::from_jwk(jwk, key.algorithm()).map_err(|e| e.to_string())?,
        None if key.algorithm().is_symmetric() => key.verifying_key(),
        None => return Err("its public half is missing".to_owned()),
    };
    let token = key.sign("probe", b"{}").map_err(|e| e.to_string())?;
    let (input, signature) = token.rsplit_once('.').unwrap_or_default();
    let signature = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(signature)
        .unwrap_or_default();
    let verified = public.verify(input.as_bytes(), &signature);
    verified.map_err(|_| "its public half does not verify what it signs".to_owned())
}

/// Signing keys and server secrets have disjoint labels: neither can be opened as the other.
fn signing_label(algorithm: Algorithm, kid: &str) -> String {
    format!("signing key {algorithm} {kid}")
}

fn server_label(label: &str) -> String {
    format!("server key {label}")
}

fn bad(label: &str, detail: impl fmt::Display) -> CustodyError {
    CustodyError::BadKey {
        label: label.to_owned(),
        detail: detail.to_string(),
    }
}
