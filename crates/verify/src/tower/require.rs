use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::refuse;
use crate::{BearerError, Refusal, Verified};

/// Lets only requests pass whose verified token has a scope or a role. Belongs behind [`super::VerifyLayer`]: without it,
/// every request is refused.
#[derive(Clone, Debug)]
pub struct RequireLayer {
    requirement: Requirement,
}

/// The service that [`RequireLayer`] makes.
#[derive(Clone, Debug)]
pub struct Require<S> {
    requirement: Requirement,
    inner: S,
}

#[derive(Clone, Debug)]
enum Requirement {
    Scope(Arc<str>),
    Role(Arc<str>),
}

/// Requires a scope, exactly as granted.
pub fn require_scope(scope: &str) -> RequireLayer {
    RequireLayer {
        requirement: Requirement::Scope(scope.into()),
    }
}

/// Requires a role.
pub fn require_role(role: &str) -> RequireLayer {
    RequireLayer {
        requirement: Requirement::Role(role.into()),
    }
}

impl Requirement {
    fn check(&self, verified: &Verified) -> Result<(), Refusal> {
        match self {
            Self::Scope(scope) => verified.require_scope(scope),
            Self::Role(role) => verified.require_role(role),
        }
    }
}

impl<S> Layer<S> for RequireLayer {
    type Service = Require<S>;

    fn layer(&self, inner: S) -> Require<S> {
        Require {
            requirement: self.requirement.clone(),
            inner,
        }
    }
}

impl<S, B, R> Service<Request<B>> for Require<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    R: Default + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let refusal = match request.extensions().get::<Arc<Verified>>() {
            None => Some(refuse(
                BearerError::Missing.http_status(),
                &BearerError::Missing.challenge(),
            )),
            Some(verified) => {
                let refusal = self.requirement.check(verified).err();
                refusal.map(|refusal| refuse(refusal.http_status(), &refusal.challenge()))
            }
        };
        match refusal {
            Some(response) => Box::pin(std::future::ready(Ok(response))),
            None => Box::pin(self.inner.call(request)),
        }
    }
}
