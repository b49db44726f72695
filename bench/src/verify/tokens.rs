//! The tokens, and the key in every form that a library takes.

use anyhow::{Context, Result, bail};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::{AccessClaims, Algorithm, JwkSet, SigningKey, StatusReference};
use keywright_verify::KeySlot;
use serde_json::Value;

/// Tokens in turn, so that no processor learns one by heart.
pub const COUNT: usize = 64;

pub const ISSUER: &str = "https://id.example.com";
pub const AUDIENCE: &str = "https://orders.example.com";

pub struct Issued {
    pub algorithm: Algorithm,
    pub tokens: Vec<String>,
    key: SigningKey,
    secret: Vec<u8>,
}

/// What aws-lc-rs verifies with.
pub enum RawKey {
    Secret(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

impl Issued {
    pub fn new(algorithm: Algorithm) -> Result<Self> {
        Self::with_count(algorithm, COUNT)
    }

    pub fn with_count(algorithm: Algorithm, count: usize) -> Result<Self> {
        let (key, private) = SigningKey::generate(algorithm)?;
        let tokens = (0..count).map(|number| Ok(key.sign("at+jwt", &payload(number)?)?));
        Ok(Self {
            algorithm,
            tokens: tokens.collect::<Result<_>>()?,
            secret: private.as_bytes().to_vec(),
            key,
        })
    }

    pub fn key_slot(&self) -> Result<KeySlot> {
        Ok(match self.key.public_jwk() {
            Some(jwk) => KeySlot::new(JwkSet { keys: vec![jwk] })?,
            None => KeySlot::from_secret(self.algorithm, &self.secret)?,
        })
    }

    /// The public key as JSON; `None` for a secret.
    pub fn jwk(&self) -> Result<Option<Value>> {
        Ok(self
            .key
            .public_jwk()
            .map(serde_json::to_value)
            .transpose()?)
    }

    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub fn raw_key(&self) -> Result<RawKey> {
        let Some(jwk) = self.jwk()? else {
            return Ok(RawKey::Secret(Box::new(hmac::Key::new(
                hmac::HMAC_SHA256,
                &self.secret,
            ))));
        };
        let public = match self.algorithm {
            Algorithm::Rs256 => rsa(&jwk, &signature::RSA_PKCS1_2048_8192_SHA256)?,
            Algorithm::Ps256 => rsa(&jwk, &signature::RSA_PSS_2048_8192_SHA256)?,
            Algorithm::Es256 => {
                let point = [vec![4], member(&jwk, "x")?, member(&jwk, "y")?].concat();
                ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)?
            }
            Algorithm::EdDsa => ParsedPublicKey::new(&signature::ED25519, member(&jwk, "x")?)?,
            Algorithm::Es384 | Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                bail!("{} is not measured", self.algorithm)
            }
        };
        Ok(RawKey::Public(public))
    }
}

impl RawKey {
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        match self {
            Self::Secret(key) => hmac::verify(key, message, signature)?,
            Self::Public(key) => key.verify_sig(message, signature)?,
        }
        Ok(())
    }
}

/// 448 bytes: a user's access token with roles, a session and a status entry.
pub fn payload(number: usize) -> Result<Vec<u8>> {
    let jti = format!("0190f5a4-7c3e-7d2b-9a41-{number:012x}");
    let claims = AccessClaims {
        iss: ISSUER,
        sub: "0190f5a4-7c3e-7d2b-9a41-5b1e6f0c2d3a",
        aud: &[AUDIENCE],
        client_id: "web-shop",
        exp: 4_102_444_800,
        iat: 1_700_000_000,
        jti: &jti,
        scope: "read:orders write:orders",
        roles: &["editor"],
        sid: Some("0190f5a4-7c3e-7d2b-9a41-5b1e6f0c2d3b"),
        auth_time: Some(1_700_000_000),
        status: Some(StatusReference {
            idx: 4711,
            uri: "https://id.example.com/s/1",
        }),
        ..AccessClaims::default()
    };
    Ok(claims.to_payload()?)
}

fn rsa(jwk: &Value, algorithm: &'static signature::RsaParameters) -> Result<ParsedPublicKey> {
    let (n, e) = (member(jwk, "n")?, member(jwk, "e")?);
    Ok(RsaPublicKeyComponents { n, e }.to_parsed_public_key(algorithm)?)
}

fn member(jwk: &Value, name: &str) -> Result<Vec<u8>> {
    let text = jwk[name].as_str().context("the key lacks a member")?;
    Ok(URL_SAFE_NO_PAD.decode_to_vec(text)?)
}
