//! Who is measured, each set up as its documentation says for a service that verifies many tokens.

use std::hint::black_box;
use std::str::FromStr;

use anyhow::Result;
use keywright_jwt::Compact;
use keywright_verify::{Scratch, Verifier};
use oxitoken::error::JwtError;
use oxitoken::validation::{StaticKeyProvider, ValidationPipeline, VerificationKey};
use serde::Deserialize;

use super::hits::CACHE_BYTES;
use super::tokens::{AUDIENCE, ISSUER, Issued, RawKey};

pub struct Contender {
    pub name: &'static str,
    pub check: Box<dyn FnMut(usize) -> Result<()>>,
}

impl Contender {
    fn new(name: &'static str, check: impl FnMut(usize) -> Result<()> + 'static) -> Self {
        Self {
            name,
            check: Box::new(check),
        }
    }
}

/// The limit first.
pub fn all(issued: &Issued) -> Result<Vec<Contender>> {
    Ok(vec![
        raw(issued)?,
        keywright_reused(issued)?,
        keywright(issued)?,
        keywright_cached(issued)?,
        oxitoken(issued)?,
        jsonwebtoken(issued)?,
    ])
}

fn raw(issued: &Issued) -> Result<Contender> {
    let key = issued.raw_key()?;
    let split = issued.tokens.iter().map(|token| {
        let compact = Compact::split(token)?;
        let signature = compact.decode_signature()?.as_bytes().to_vec();
        Ok((compact.signing_input().to_vec(), signature))
    });
    let split = split.collect::<Result<Vec<_>>>()?;
    Ok(Contender::new("signature alone", move |at| {
        let (message, signature) = &split[at];
        key.verify(message, signature)
    }))
}

fn verifier(issued: &Issued) -> Result<Verifier> {
    Ok(Verifier::builder(ISSUER, issued.key_slot()?)
        .audience(AUDIENCE)
        .build()?)
}

fn keywright_reused(issued: &Issued) -> Result<Contender> {
    let (verifier, tokens) = (verifier(issued)?, issued.tokens.clone());
    let mut scratch = Scratch::default();
    Ok(Contender::new(
        "keywright-verify, buffer reused",
        move |at| {
            black_box(verifier.verify_in(&tokens[at], &mut scratch)?);
            Ok(())
        },
    ))
}

fn keywright(issued: &Issued) -> Result<Contender> {
    let (verifier, tokens) = (verifier(issued)?, issued.tokens.clone());
    Ok(Contender::new("keywright-verify", move |at| {
        black_box(verifier.verify(&tokens[at])?);
        Ok(())
    }))
}

fn keywright_cached(issued: &Issued) -> Result<Contender> {
    let verifier = Verifier::builder(ISSUER, issued.key_slot()?)
        .audience(AUDIENCE)
        .cache(CACHE_BYTES)
        .build()?;
    let tokens = issued.tokens.clone();
    Ok(Contender::new("keywright-verify, cached", move |at| {
        black_box(verifier.verify(&tokens[at])?);
        Ok(())
    }))
}

fn jsonwebtoken(issued: &Issued) -> Result<Contender> {
    let key = match issued.jwk()? {
        Some(jwk) => jsonwebtoken::DecodingKey::from_jwk(&serde_json::from_value(jwk)?)?,
        None => jsonwebtoken::DecodingKey::from_secret(issued.secret()),
    };
    let algorithm = jsonwebtoken::Algorithm::from_str(issued.algorithm.as_str())?;
    let mut validation = jsonwebtoken::Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    let tokens = issued.tokens.clone();
    Ok(Contender::new("jsonwebtoken 11.1, aws-lc-rs", move |at| {
        black_box(jsonwebtoken::decode::<Claims>(
            &tokens[at],
            &key,
            &validation,
        )?);
        Ok(())
    }))
}

fn oxitoken(issued: &Issued) -> Result<Contender> {
    let key = OxitokenKey {
        algorithm: serde_json::from_value(issued.algorithm.as_str().into())?,
        raw: issued.raw_key()?,
    };
    let pipeline =
        ValidationPipeline::<Header, Claims, StaticKeyProvider<OxitokenKey>>::builder(key.into())
            .with_issuer_validator(ISSUER)
            .with_audience_validator(AUDIENCE)
            .with_expiration_validator()
            .build();
    let tokens = issued.tokens.clone();
    Ok(Contender::new("oxitoken 0.1, aws-lc-rs", move |at| {
        black_box(pipeline.verify(tokens[at].as_bytes())?);
        Ok(())
    }))
}

struct OxitokenKey {
    algorithm: oxitoken::Algorithm,
    raw: RawKey,
}

impl VerificationKey for OxitokenKey {
    fn alg(&self) -> Option<oxitoken::Algorithm> {
        Some(self.algorithm)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        let verified = self.raw.verify(message, signature);
        verified.map_err(|_| JwtError::InvalidSignature)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: oxitoken::Algorithm,
}

/// The claims that a service would declare for these tokens; serde reads them into types of its own.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is what is measured")]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    client_id: String,
    exp: i64,
    iat: i64,
    jti: String,
    scope: String,
    roles: Vec<String>,
    sid: String,
    auth_time: i64,
    status: Status,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "reading it is what is measured")]
struct Status {
    status_list: StatusList,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "reading it is what is measured")]
struct StatusList {
    idx: u64,
    uri: String,
}

impl oxitoken::header::Alg for Header {
    fn alg(&self) -> oxitoken::Algorithm {
        self.alg
    }
}

impl oxitoken::claims::Iss for Claims {
    fn iss(&self) -> &str {
        &self.iss
    }
}

impl oxitoken::claims::Aud for Claims {
    fn aud(&self) -> impl Iterator<Item = impl AsRef<str>> {
        std::iter::once(&self.aud)
    }
}

impl oxitoken::claims::Exp for Claims {
    fn exp(&self) -> i64 {
        self.exp
    }
}
