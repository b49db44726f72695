//! Key pairs whose private half never leaves the token. What the database has of one is its name in the token, and the public half.

use std::sync::Arc;

use cryptoki::object::{Attribute, ObjectClass};
use keywright_domain::ports::{SignError, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, CompactWriter, Jwk, VerifyingKey};

use super::algorithm::{self, PUBLIC, PUBLIC_RSA};
use super::error::Pkcs11Error;
use super::session::{KeyId, Session};
use super::token::Token;
use crate::place::KEY_PAIR_IN_TOKEN;
use crate::random::random;

/// `version · CKA_ID`. There is nothing secret in it.
pub(super) fn reference(id: KeyId) -> Sealed {
    let mut bytes = vec![KEY_PAIR_IN_TOKEN];
    bytes.extend(id.0);
    Sealed::from_bytes(bytes)
}

pub(super) fn referred(sealed: &Sealed) -> Option<KeyId> {
    match sealed.as_bytes() {
        [KEY_PAIR_IN_TOKEN, id @ ..] => id.try_into().map(KeyId).ok(),
        [..] => None,
    }
}

/// Makes a pair in the token. `None` for symmetric algorithms.
pub(super) fn generate(
    token: &Token,
    algorithm: Algorithm,
) -> Result<Option<(KeyId, Jwk)>, Pkcs11Error> {
    let Some((mechanism, parameters)) = algorithm::pair(algorithm) else {
        return Ok(None);
    };
    let id = KeyId(random()?);
    let public = token.with(|session| {
        let halves = templates(id, algorithm, &parameters);
        let (public, private) = session.generate_pair(&mechanism, &halves.0, &halves.1)?;
        let wanted: &[_] = match parameters.len() {
            1 => &PUBLIC,
            _ => &PUBLIC_RSA,
        };
        let attributes = session.attributes(public, wanted)?;
        let jwk = algorithm::public_jwk(algorithm, &attributes)?;
        // So that `pkcs11-tool --list-objects` and `keywright keys list` can be read side by side.
        let label = format!("{} {}", label(algorithm), jwk.thumbprint());
        session.rename(public, &label);
        session.rename(private, &label);
        Ok(jwk)
    })?;
    Ok(Some((id, public)))
}

fn label(algorithm: Algorithm) -> String {
    format!("keywright {algorithm}")
}

/// Public and private half. What a private half may not do is said, because some tokens allow what is left out.
fn templates(
    id: KeyId,
    algorithm: Algorithm,
    parameters: &[Attribute],
) -> (Vec<Attribute>, Vec<Attribute>) {
    let label = Attribute::Label(label(algorithm).into_bytes());
    let both = [Attribute::Token(true), id.attribute(), label];
    let mut public = both.to_vec();
    public.extend([Attribute::Private(false), Attribute::Verify(true)]);
    public.extend_from_slice(parameters);
    let mut private = both.to_vec();
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Decrypt(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
    ]);
    (public, private)
}

pub(super) struct TokenSigner {
    token: Arc<Token>,
    id: KeyId,
    writer: CompactWriter,
    signature_len: usize,
}

impl TokenSigner {
    pub fn new(token: Arc<Token>, id: KeyId, kid: &str, public: &VerifyingKey) -> Self {
        let writer = CompactWriter::new(public.algorithm(), kid);
        let signature_len = public.signature_len();
        Self {
            token,
            id,
            writer,
            signature_len,
        }
    }

    fn signature(&self, session: &mut Session, input: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        let signing = algorithm::signing(self.algorithm(), input);
        let (mechanism, data) = signing.ok_or(Pkcs11Error::Unexpected("an HMAC key"))?;
        let key = session.key(ObjectClass::PRIVATE_KEY, self.id)?;
        let signature = session.sign(&mechanism, key, &data)?;
        if signature.len() == self.signature_len {
            Ok(signature)
        } else {
            Err(Pkcs11Error::Unexpected("C_Sign"))
        }
    }
}

impl Signer for TokenSigner {
    fn kid(&self) -> &str {
        self.writer.kid()
    }

    fn algorithm(&self) -> Algorithm {
        self.writer.algorithm()
    }

    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        self.writer
            .write(typ, payload, self.signature_len, |input| {
                let signed = self.token.with(|session| self.signature(session, input));
                signed.map_err(unavailable)
            })
    }

    fn ready(&self) -> Result<(), SignError> {
        self.token.check().map_err(unavailable)
    }
}

/// The key passed its probe, so whatever is wrong now came later and may pass.
fn unavailable(error: Pkcs11Error) -> SignError {
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
