//! Access tokens that come back: the signature is checked with a key that was parsed once, then one row says whether what the token
//! stands on still does.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use keywright_jwt::{ClaimIndex, Compact};
use rusqlite::types::FromSql;
use serde::{Deserialize, Serialize};

use super::database::{EMAIL, SEQUENCE};
use super::{Floor, now};

#[derive(Deserialize)]
pub struct IntrospectionForm {
    token: String,
}

#[derive(Serialize)]
pub struct UserInfo {
    sub: String,
    email: String,
    email_verified: bool,
}

struct OwnToken {
    payload: String,
    sub: String,
    session: i64,
}

/// The client's secret, the signature, the row; the answer is the claims as the token carries them.
pub async fn introspect(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    Form(form): Form<IntrospectionForm>,
) -> Result<Response, StatusCode> {
    floor.authenticate(&headers)?;
    let token = floor.own(&form.token);
    let living = match token {
        Some(token) => floor
            .stands::<i64>(SEQUENCE, &token)?
            .and_then(|_| Some(token.payload.strip_prefix('{')?.to_owned())),
        None => None,
    };
    let body = living.map_or_else(
        || "{\"active\":false}".to_owned(),
        |claims| format!("{{\"active\":true,\"token_type\":\"Bearer\",{claims}"),
    );
    let headers = [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
    ];
    Ok((headers, body).into_response())
}

/// The signature, and the row with the person's address.
pub async fn show_user_info(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
) -> Result<Json<UserInfo>, StatusCode> {
    let token = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|text| floor.own(text))
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let email = floor.stands(EMAIL, &token)?;
    Ok(Json(UserInfo {
        sub: token.sub,
        email: email.ok_or(StatusCode::UNAUTHORIZED)?,
        email_verified: true,
    }))
}

impl Floor {
    /// A token of a session that it signed and that has not expired.
    fn own(&self, text: &str) -> Option<OwnToken> {
        let compact = Compact::split(text).ok()?;
        let signature = compact.decode_signature().ok()?;
        self.verifying
            .verify(compact.signing_input(), signature.as_bytes())
            .ok()?;
        let mut bytes = Vec::new();
        compact.decode_payload(&mut bytes).ok()?;
        let mut payload = String::from_utf8(bytes).ok()?;
        let index = ClaimIndex::read(&mut payload).ok()?;
        let claims = index.claims(&payload);
        if claims.exp()? <= now() {
            return None;
        }
        Some(OwnToken {
            sub: claims.sub()?.to_owned(),
            session: claims.sid()?.parse().ok()?,
            payload,
        })
    }

    fn stands<T: FromSql>(&self, sql: &str, token: &OwnToken) -> Result<Option<T>, StatusCode> {
        let row = self.database.read(sql, token.session);
        row.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    }
}
