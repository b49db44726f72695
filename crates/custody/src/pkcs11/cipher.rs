//! Seals what has to be known in this process to be used (server secrets, symmetric keys) under an AES-256 key that rests in the token:
//! `version · CKA_ID of the key · nonce · ciphertext · tag`.

use std::sync::OnceLock;

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use keywright_domain::ports::CustodyError;
use keywright_domain::secret::Sealed;
use zeroize::Zeroizing;

use super::error::Pkcs11Error;
use super::session::{KeyId, Session};
use super::token::Token;
use crate::label::{bad, bound};
use crate::place::UNDER_TOKEN_KEY;
use crate::random::random;

const LABEL: &str = "keywright server secrets";
const KEY_BYTES: u64 = 32;
const NONCE_BYTES: usize = 12;
const TAG_BITS: u64 = 128;
const HEADER_BYTES: usize = 1 + KeyId::LENGTH;

/// Two nodes that start at once may make a key each. What is sealed names its own, so both go on being found.
#[derive(Default)]
pub(super) struct Cipher(OnceLock<KeyId>);

impl Cipher {
    /// Finds the key, and makes it if this is the first start.
    pub fn prepare(&self, token: &Token) -> Result<KeyId, Pkcs11Error> {
        if let Some(id) = self.0.get() {
            return Ok(*id);
        }
        let known = token.with(|session| Ok(session.secret_keys(LABEL)?.first().copied()))?;
        let id = match known {
            Some(id) => id,
            None => make(token)?,
        };
        Ok(*self.0.get_or_init(|| id))
    }

    pub fn seal(&self, token: &Token, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        let failed = |error: Pkcs11Error| error.into_custody(label);
        let id = self.prepare(token).map_err(failed)?;
        let header = header(id);
        let bound = bound(&header, label);
        let (nonce, body) = token
            .with(|session| encrypt(session, id, &bound, secret))
            .map_err(failed)?;
        Ok(Sealed::from_bytes(
            [&header[..], &nonce[..], &body[..]].concat(),
        ))
    }

    pub fn open(
        &self,
        token: &Token,
        label: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let (header, rest) = sealed
            .as_bytes()
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or_else(|| bad(label, "it is cut short"))?;
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(|| bad(label, "it is cut short"))?;
        let [UNDER_TOKEN_KEY, id @ ..] = *header else {
            return Err(bad(label, "it is not sealed under a key of the token"));
        };
        let bound = bound(header, label);
        token
            .with(|session| decrypt(session, KeyId(id), (&bound, *nonce), body))
            .map_err(|error| match error.is_verdict() {
                true => bad(
                    label,
                    "the sealed bytes were changed, or belong to another key",
                ),
                false => error.into_custody(label),
            })
    }
}

fn make(token: &Token) -> Result<KeyId, Pkcs11Error> {
    let id = KeyId(random()?);
    let template = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(KEY_BYTES.into()),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Sign(false),
        Attribute::Verify(false),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
        Attribute::Derive(false),
        Attribute::Label(LABEL.as_bytes().to_vec()),
        id.attribute(),
    ];
    token.with(|session| session.generate_secret(&Mechanism::AesKeyGen, &template))?;
    Ok(id)
}

fn encrypt(
    session: &mut Session,
    id: KeyId,
    bound: &[u8],
    secret: &[u8],
) -> Result<([u8; NONCE_BYTES], Vec<u8>), Pkcs11Error> {
    let key = session.key(ObjectClass::SECRET_KEY, id)?;
    // 96 random bits, as in `envelope.rs`; a token that insists on its own writes them in here.
    let mut nonce = random()?;
    let params = GcmParams::new(&mut nonce, bound, TAG_BITS.into())?;
    let body = session.encrypt(&Mechanism::AesGcm(params), key, secret)?;
    Ok((nonce, body))
}

fn decrypt(
    session: &mut Session,
    id: KeyId,
    (bound, mut nonce): (&[u8], [u8; NONCE_BYTES]),
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Pkcs11Error> {
    let key = session.key(ObjectClass::SECRET_KEY, id)?;
    let params = GcmParams::new(&mut nonce, bound, TAG_BITS.into())?;
    let secret = session.decrypt(&Mechanism::AesGcm(params), key, body)?;
    Ok(Zeroizing::new(secret))
}

fn header(id: KeyId) -> [u8; HEADER_BYTES] {
    let mut header = [UNDER_TOKEN_KEY; HEADER_BYTES];
    header[1..].copy_from_slice(&id.0);
    header
}
