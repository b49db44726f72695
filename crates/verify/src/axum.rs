//! Extractors for axum handlers behind [`crate::tower::VerifyLayer`].
//!
//! ```
//! use axum::{Router, routing::get};
//! use keywright_verify::axum::{Bearer, Claims};
//! use keywright_verify::tower::{VerifyLayer, require_scope};
//!
//! #[derive(serde::Deserialize)]
//! struct Tenant { tenant: String }
//!
//! async fn list_orders(token: Bearer, Claims(claims): Claims<Tenant>) -> String {
//!     format!("orders of {:?} at {}", token.sub(), claims.tenant)
//! }
//!
//! fn app(verifier: keywright_verify::Verifier) -> Router {
//!     Router::new()
//!         .route("/orders", get(list_orders))
//!         .layer(require_scope("read:orders"))
//!         .layer(VerifyLayer::new(verifier).realm("orders"))
//! }
//! ```

use std::ops::Deref;
use std::sync::Arc;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;

use crate::{BearerError, Refusal, Verified};

/// The verified token of the request.
#[derive(Clone, Debug)]
pub struct Bearer(pub Arc<Verified>);

impl Deref for Bearer {
    type Target = Verified;

    fn deref(&self) -> &Verified {
        &self.0
    }
}

/// The claims of the request's token as a type of the handler's.
#[derive(Clone, Copy, Debug)]
pub struct Claims<T>(pub T);

/// Why an extractor refuses a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No token was verified: the request has none, or the route is not behind the layer.
    #[error(transparent)]
    NoToken(#[from] BearerError),
    /// A check in the handler refused the token.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The token is valid, but its claims do not have the shape that the handler needs.
    #[error("the token lacks claims that this operation needs")]
    Claims(#[source] serde_json::Error),
}

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let verified = parts
            .extensions
            .get::<Arc<Verified>>()
            .ok_or(BearerError::Missing)?;
        Ok(Self(verified.clone()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Claims<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let bearer = Bearer::from_request_parts(parts, state).await?;
        bearer.deserialize().map(Self).map_err(Rejection::Claims)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (status, challenge) = match &self {
            Self::NoToken(error) => (error.http_status(), Some(error.challenge())),
            Self::Refused(refusal) => (refusal.http_status(), Some(refusal.challenge())),
            // Another token of the same kind would fail the same way, so there is nothing to challenge for.
            Self::Claims(_) => (403, None),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED);
        let mut response = (status, self.to_string()).into_response();
        let value =
            challenge.and_then(|challenge| HeaderValue::from_str(&challenge.to_string()).ok());
        if let Some(value) = value {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        response
    }
}
