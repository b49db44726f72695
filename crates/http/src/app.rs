//! What every handler shares.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use keywright_domain::Issuer;
use keywright_verify::{BuildError, Dpop};

use crate::door::Door;
use crate::feed::Followers;
use crate::metrics::Metrics;
use crate::oauth::proofs;
use crate::own_tokens::OwnTokens;
use crate::wellknown::Published;

/// The issuer behind its HTTP doors. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    issuer: Arc<Issuer>,
    metrics: Arc<Metrics>,
    own_tokens: OwnTokens,
    proofs: Dpop,
    published: Published,
    followers: Followers,
}

impl App {
    /// # Errors
    /// When the issuer's own tokens could not be verified, which a configured issuer URL rules out.
    pub fn new(issuer: Arc<Issuer>, metrics: Arc<Metrics>) -> Result<Self, BuildError> {
        Ok(Self(Arc::new(Shared {
            own_tokens: OwnTokens::new(issuer.clone())?,
            published: Published::new(),
            proofs: proofs(&issuer),
            followers: Followers::of(&issuer, metrics.following()),
            issuer,
            metrics,
        })))
    }

    pub fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Ends the streams of all followers, for a server that is about to stop.
    pub fn end_streams(&self) {
        self.0.followers.end();
    }

    pub(crate) fn followers(&self) -> &Followers {
        &self.0.followers
    }

    pub(crate) fn own_tokens(&self) -> &OwnTokens {
        &self.0.own_tokens
    }

    /// DPoP proofs that come to the token endpoint.
    pub(crate) fn proofs(&self) -> &Dpop {
        &self.0.proofs
    }

    pub(crate) fn published(&self) -> &Published {
        &self.0.published
    }
}

impl<A: Sync> FromRequestParts<Door<A>> for App {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, door: &Door<A>) -> Result<Self, Infallible> {
        Ok(door.app().clone())
    }
}
