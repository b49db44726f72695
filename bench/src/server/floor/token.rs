//! Tokens: for a client that proves itself, and for a session by its refresh token.

use std::sync::Arc;

use anyhow::Result;
use aws_lc_rs::{constant_time, hmac, rand};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Form, Json};
use keywright_jwt::{AccessClaims, SigningKey};
use serde::{Deserialize, Serialize};

use super::database::SEQUENCE;
use super::{Floor, MAC_KEY, now, sha256};

#[derive(Deserialize)]
pub struct TokenForm {
    grant_type: String,
}

#[derive(Deserialize)]
pub struct RefreshBody {
    refresh_token: String,
}

#[derive(Serialize)]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: &'static str,
}

pub async fn issue(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Json<Tokens>, StatusCode> {
    floor.issue(&floor.key, &headers, &form).await
}

pub async fn issue_rsa(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Json<Tokens>, StatusCode> {
    floor.issue(&floor.rsa_key, &headers, &form).await
}

/// What a server does that forgets its tokens.
pub async fn issue_unrecorded(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Json<Tokens>, StatusCode> {
    floor.authenticate_for_grant(&headers, &form)?;
    floor.tokens(&floor.key, new_jti()?, None).map(Json)
}

/// What a login would give; nobody measures it.
pub async fn open_session(
    State(floor): State<Arc<Floor>>,
    Path(session): Path<i64>,
) -> Result<Json<Tokens>, StatusCode> {
    floor
        .tokens(&floor.key, new_jti()?, Some(session))
        .map(Json)
}

pub async fn refresh(
    State(floor): State<Arc<Floor>>,
    Json(body): Json<RefreshBody>,
) -> Result<Json<Tokens>, StatusCode> {
    let (session, sequence) = floor
        .check(&body.refresh_token)
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let current = floor
        .database
        .read(SEQUENCE, session)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if current != Some(sequence) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let jti = new_jti()?;
    if !floor.write(jti, Some((session, sequence))).await? {
        return Err(StatusCode::CONFLICT);
    }
    Ok(Json(Tokens {
        refresh_token: Some(token(&floor.mac, session, sequence + 1)),
        ..floor.tokens(&floor.key, jti, Some(session))?
    }))
}

impl Floor {
    async fn issue(
        &self,
        key: &SigningKey,
        headers: &HeaderMap,
        form: &TokenForm,
    ) -> Result<Json<Tokens>, StatusCode> {
        self.authenticate_for_grant(headers, form)?;
        let jti = new_jti()?;
        if !self.write(jti, None).await? {
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        }
        self.tokens(key, jti, None).map(Json)
    }

    fn authenticate_for_grant(
        &self,
        headers: &HeaderMap,
        form: &TokenForm,
    ) -> Result<(), StatusCode> {
        match form.grant_type.as_str() {
            "client_credentials" => self.authenticate(headers),
            _ => Err(StatusCode::BAD_REQUEST),
        }
    }

    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<(), StatusCode> {
        let credentials = headers
            .get("authorization")
            .and_then(|value| value.as_bytes().strip_prefix(b"Basic "))
            .and_then(|encoded| base64_simd::STANDARD.decode_to_vec(encoded).ok())
            .ok_or(StatusCode::UNAUTHORIZED)?;
        let secret = credentials
            .splitn(2, |b| *b == b':')
            .nth(1)
            .ok_or(StatusCode::UNAUTHORIZED)?;
        constant_time::verify_slices_are_equal(&sha256(secret), &self.secret)
            .map_err(|_| StatusCode::UNAUTHORIZED)
    }

    async fn write(&self, jti: [u8; 16], rotation: Option<(i64, i64)>) -> Result<bool, StatusCode> {
        let written = self.database.write(jti, rotation).await;
        written.ok_or(StatusCode::SERVICE_UNAVAILABLE)
    }

    fn tokens(
        &self,
        key: &SigningKey,
        jti: [u8; 16],
        session: Option<i64>,
    ) -> Result<Tokens, StatusCode> {
        let (now, session) = (now(), session.map(|id| id.to_string()));
        let claims = AccessClaims {
            iss: "http://127.0.0.1:8080",
            sub: "floor",
            aud: &["https://orders.example"],
            client_id: "floor",
            exp: now + 300,
            iat: now,
            jti: &base64_simd::URL_SAFE_NO_PAD.encode_to_string(jti),
            scope: "read:orders write:orders",
            sid: session.as_deref(),
            ..AccessClaims::default()
        };
        let payload = claims
            .to_payload()
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let access_token = key
            .sign("at+jwt", &payload)
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Tokens {
            access_token,
            token_type: "Bearer",
            expires_in: 300,
            refresh_token: None,
            scope: "read:orders write:orders",
        })
    }

    fn check(&self, token: &str) -> Option<(i64, i64)> {
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token).ok()?;
        let (numbers, tag) = bytes.split_at_checked(16)?;
        hmac::verify(&self.mac, numbers, tag).ok()?;
        let (session, sequence) = numbers.split_first_chunk::<8>()?;
        Some((
            i64::from_be_bytes(*session),
            i64::from_be_bytes(sequence.try_into().ok()?),
        ))
    }
}

/// The time, then randomness.
fn new_jti() -> Result<[u8; 16], StatusCode> {
    let mut jti = [0; 16];
    rand::fill(&mut jti[6..]).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    jti[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    Ok(jti)
}

/// The refresh token that a fresh floor accepts for a session.
pub fn first_token(session: usize) -> Result<String> {
    Ok(token(
        &hmac::Key::new(hmac::HMAC_SHA256, &MAC_KEY),
        i64::try_from(session)?,
        1,
    ))
}

fn token(mac: &hmac::Key, session: i64, sequence: i64) -> String {
    let mut bytes = [session.to_be_bytes(), sequence.to_be_bytes()].concat();
    bytes.extend_from_slice(hmac::sign(mac, &bytes).as_ref());
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}
