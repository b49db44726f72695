//! In process: the admin API's own handlers on a database that this process opened, as the operator.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use keywright_http::metrics::Metrics;
use keywright_http::{App, operator_router};
use tower::ServiceExt;

use super::answer::Answer;
use super::call::Request;
use crate::deployment::Deployment;

pub struct Here {
    router: Router,
}

impl Here {
    pub fn new(deployment: &Deployment) -> Result<Self> {
        let issuer = deployment.issuer.clone();
        let metrics = Metrics::new(env!("CARGO_PKG_VERSION"), issuer.now());
        let app = App::new(issuer, Arc::new(metrics))?;
        Ok(Self {
            router: operator_router(&app),
        })
    }

    pub async fn send(&self, request: Request) -> Result<Answer> {
        let request = axum::http::Request::builder()
            .method(request.method)
            .uri(request.target)
            .header(CONTENT_TYPE, "application/json")
            .body(request.body.map_or_else(Body::empty, Body::from))?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await?;
        Ok(Answer {
            status,
            request_id: None,
            body: body.into(),
        })
    }
}
