use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;
use tower_service::Service;

/// What a service says about itself, so that clients find the issuer to ask for tokens (RFC 9728).
///
/// ```
/// use keywright_verify::tower::ResourceMetadata;
///
/// let metadata = ResourceMetadata::new("https://orders.example")
///     .issuer("https://id.example")
///     .scope("read:orders");
/// assert_eq!(metadata.path(), "/.well-known/oauth-protected-resource");
/// # fn app(metadata: ResourceMetadata) -> axum::Router {
/// axum::Router::new().route_service(&metadata.path(), metadata.service())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct ResourceMetadata {
    resource: String,
    authorization_servers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<String>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dpop_signing_alg_values_supported: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dpop_bound_access_tokens_required: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tls_client_certificate_bound_access_tokens: bool,
}

impl ResourceMetadata {
    /// Of the service that clients know as `resource`: an https address, and best the audience of its tokens.
    pub fn new(resource: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            authorization_servers: Vec::new(),
            scopes_supported: Vec::new(),
            bearer_methods_supported: ["header"],
            resource_name: None,
            resource_documentation: None,
            dpop_signing_alg_values_supported: Vec::new(),
            dpop_bound_access_tokens_required: false,
            tls_client_certificate_bound_access_tokens: false,
        }
    }

    /// Names an issuer whose tokens are taken.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.authorization_servers.push(issuer.into());
        self
    }

    /// Names a scope that is of use here.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes_supported.push(scope.into());
        self
    }

    /// A name for people.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.resource_name = Some(name.into());
        self
    }

    /// Where developers read on.
    #[must_use]
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.resource_documentation = Some(url.into());
        self
    }

    /// DPoP proofs are taken with these algorithms; `required` if only tokens bound by DPoP are.
    #[must_use]
    pub fn dpop(mut self, algorithms: &[crate::Algorithm], required: bool) -> Self {
        let names = algorithms
            .iter()
            .map(|algorithm| algorithm.as_str().to_owned());
        self.dpop_signing_alg_values_supported = names.collect();
        self.dpop_bound_access_tokens_required = required;
        self
    }

    /// Tokens bound to client certificates are taken (RFC 8705 §3).
    #[must_use]
    pub fn certificate_bound(mut self) -> Self {
        self.tls_client_certificate_bound_access_tokens = true;
        self
    }

    /// Where clients look for the document: the well-known part stands between host and path (RFC 9728 §3.1).
    pub fn path(&self) -> String {
        format!("/.well-known/oauth-protected-resource{}", self.own_path())
    }

    /// The address of the document, for [`crate::Challenge::resource_metadata`].
    pub fn url(&self) -> String {
        let origin = self.resource.len() - self.tail().len();
        format!("{}{}", &self.resource[..origin], self.path())
    }

    /// The document.
    pub fn to_json(&self) -> String {
        // Strings and lists of them always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Answers GET and HEAD with the document.
    pub fn service(&self) -> MetadataService {
        MetadataService {
            json: self.to_json().into(),
        }
    }

    fn own_path(&self) -> &str {
        self.tail().trim_end_matches('/')
    }

    /// Everything behind the origin.
    fn tail(&self) -> &str {
        let host = self.resource.find("://").map_or(0, |at| at + 3);
        let path = self.resource[host..].find('/').map(|at| host + at);
        path.map_or("", |at| &self.resource[at..])
    }
}

/// Serves one document to anybody: it says nothing that a client must not know.
#[derive(Clone, Debug)]
pub struct MetadataService {
    json: Arc<str>,
}

impl<B> Service<Request<B>> for MetadataService {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response = Response::new(String::new());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return ready(Ok(response));
        }
        let mut response = Response::new(self.json.to_string());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        );
        ready(Ok(response))
    }
}
