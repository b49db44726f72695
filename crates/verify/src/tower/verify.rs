use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::refuse;
use crate::{BearerError, Challenge, Refusal, Verified, Verifier, bearer_token};

/// Wraps a service so that only requests with a valid token reach it.
#[derive(Clone, Debug)]
pub struct VerifyLayer {
    settings: Settings,
}

/// The service that [`VerifyLayer`] makes.
#[derive(Clone, Debug)]
pub struct Verify<S> {
    settings: Settings,
    inner: S,
}

#[derive(Clone, Debug)]
struct Settings {
    verifier: Verifier,
    realm: Option<Arc<str>>,
    resource_metadata: Option<Arc<str>>,
}

impl VerifyLayer {
    /// Checks each request's bearer token with `verifier`.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            settings: Settings {
                verifier,
                realm: None,
                resource_metadata: None,
            },
        }
    }

    /// Names the protection space in challenges.
    #[must_use]
    pub fn realm(mut self, realm: &str) -> Self {
        self.settings.realm = Some(realm.into());
        self
    }

    /// Tells clients in challenges where this service describes itself (RFC 9728 §5.1).
    #[must_use]
    pub fn resource_metadata(mut self, url: &str) -> Self {
        self.settings.resource_metadata = Some(url.into());
        self
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        Verify {
            settings: self.settings.clone(),
            inner,
        }
    }
}

impl<S, B, R> Service<Request<B>> for Verify<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The service that was polled ready must be the one that is called; its clone takes the next request.
        let waiting = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, waiting);
        let settings = self.settings.clone();
        Box::pin(async move {
            match settings.verify(request.headers()).await {
                Ok(verified) => {
                    request.extensions_mut().insert(Arc::new(verified));
                    ready.call(request).await
                }
                Err((status, challenge)) => Ok(refuse(status, &challenge)),
            }
        })
    }
}

impl Settings {
    async fn verify(&self, headers: &HeaderMap) -> Result<Verified, (u16, Challenge)> {
        let fields = headers
            .get_all(AUTHORIZATION)
            .into_iter()
            .map(HeaderValue::as_bytes);
        let outcome = match bearer_token(fields) {
            Ok(token) => self
                .verifier
                .verify_fresh(token)
                .await
                .map_err(Failure::Refused),
            Err(error) => Err(Failure::NoToken(error)),
        };
        outcome.map_err(|failure| {
            let (status, challenge) = match failure {
                Failure::NoToken(error) => (error.http_status(), error.challenge()),
                Failure::Refused(refusal) => (refusal.http_status(), refusal.challenge()),
            };
            (status, self.complete(challenge))
        })
    }

    fn complete(&self, mut challenge: Challenge) -> Challenge {
        if let Some(realm) = &self.realm {
            challenge = challenge.realm(&**realm);
        }
        if let Some(url) = &self.resource_metadata {
            challenge = challenge.resource_metadata(&**url);
        }
        challenge
    }
}

enum Failure {
    NoToken(BearerError),
    Refused(Refusal),
}
