use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::guard::{Asked, Guard};
use crate::{BoundVerifier, Verifier};

/// Wraps a service so that only requests with a valid token reach it.
#[derive(Clone, Debug)]
pub struct VerifyLayer {
    guard: Guard,
}

/// The service that [`VerifyLayer`] makes.
#[derive(Clone, Debug)]
pub struct Verify<S> {
    guard: Guard,
    inner: S,
}

impl VerifyLayer {
    /// Checks each request's bearer token with `verifier`.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            guard: Guard::bearer(verifier),
        }
    }

    /// Checks each request's token, and the proof that its sender holds the key it is bound to: the `DPoP` field, and the
    /// [`super::ClientCertificate`] of the connection.
    ///
    /// `origin` is scheme, host and port as clients write them (`https://orders.example`): behind a proxy a request does
    /// not tell. A proof names origin and path, so the layer must see the path that the client sent; inside
    /// `axum::Router::nest` it would not, and every proof would be refused.
    pub fn bound(verifier: BoundVerifier, origin: &str) -> Self {
        Self {
            guard: Guard::bound(verifier, origin),
        }
    }

    /// Names the protection space in challenges.
    #[must_use]
    pub fn realm(mut self, realm: &str) -> Self {
        self.guard.realm = Some(realm.into());
        self
    }

    /// Tells clients in challenges where this service describes itself (RFC 9728 §5.1).
    #[must_use]
    pub fn resource_metadata(mut self, url: &str) -> Self {
        self.guard.resource_metadata = Some(url.into());
        self
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = Verify<S>;

    fn layer(&self, inner: S) -> Verify<S> {
        Verify {
            guard: self.guard.clone(),
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
        let guard = self.guard.clone();
        Box::pin(async move {
            let asked = Asked::of(&request);
            match guard.check(&asked).await {
                Ok(verified) => {
                    request.extensions_mut().insert(Arc::new(verified));
                    let mut response = ready.call(request).await?;
                    guard.offer_nonce(response.headers_mut());
                    Ok(response)
                }
                Err(refused) => Ok(guard.answer(&refused)),
            }
        })
    }
}
