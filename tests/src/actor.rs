//! Who calls. Requests go straight into the router: no socket, no port, no wait.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue, Method, Request};
use serde_json::Value;

use crate::{Answer, EventStream, TestIssuer};

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

/// Somebody at an address, with or without credentials.
#[derive(Clone)]
pub struct Actor {
    pub issuer: TestIssuer,
    address: IpAddr,
    authorization: Option<String>,
    cookies: Option<String>,
    /// What a proxy says that the connection showed.
    certificate: Option<String>,
}

/// A request under construction.
pub struct Call<'a> {
    actor: &'a Actor,
    request: Request<Bytes>,
}

impl Actor {
    pub fn new(issuer: &TestIssuer) -> Self {
        Self {
            issuer: issuer.clone(),
            address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
            authorization: None,
            cookies: None,
            certificate: None,
        }
    }

    /// The same actor from another network.
    #[must_use]
    pub fn from_address(&self, address: &str) -> Self {
        Self {
            address: address.parse().unwrap(),
            ..self.clone()
        }
    }

    /// The same actor with an access token.
    #[must_use]
    pub fn bearing(&self, token: &str) -> Self {
        self.authorized(format!("Bearer {token}"))
    }

    /// The same actor with an access token that is bound to a key (RFC 9449 §7.1).
    #[must_use]
    pub fn presenting(&self, token: &str) -> Self {
        self.authorized(format!("DPoP {token}"))
    }

    /// The same actor with client credentials (RFC 6749 §2.3.1).
    #[must_use]
    pub fn with_basic(&self, id: &str, secret: &str) -> Self {
        let pair = base64_simd::STANDARD.encode_to_string(format!("{id}:{secret}"));
        self.authorized(format!("Basic {pair}"))
    }

    /// Whether it carries credentials.
    pub fn is_authorized(&self) -> bool {
        self.authorization.is_some()
    }

    fn authorized(&self, authorization: String) -> Self {
        Self {
            authorization: Some(authorization),
            ..self.clone()
        }
    }

    /// The same actor with this in the header by which proxies tell certificates.
    #[must_use]
    pub fn with_client_cert(&self, field: String) -> Self {
        Self {
            certificate: Some(field),
            ..self.clone()
        }
    }

    /// The same actor with these cookies: `name=value; name=value`.
    #[must_use]
    pub fn with_cookies(&self, pairs: String) -> Self {
        Self {
            cookies: Some(pairs),
            ..self.clone()
        }
    }

    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Bytes::new());
        let call = Call {
            actor: self,
            request: request.expect("a path"),
        };
        let carried = [
            (AUTHORIZATION, &self.authorization),
            (COOKIE, &self.cookies),
            (CLIENT_CERT, &self.certificate),
        ];
        carried
            .into_iter()
            .fold(call, |call, (name, value)| match value {
                Some(value) => call.header(name, value),
                None => call,
            })
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).send().await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path).json(body).send().await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path).json(body).send().await
    }

    /// `POST /oauth2/token` with these parameters.
    pub async fn token(&self, parameters: &[(&str, &str)]) -> Answer {
        let form: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let call = self.call(Method::POST, "/oauth2/token");
        call.form(&form.join("&")).send().await
    }
}

impl Call<'_> {
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
        self.request.headers_mut().insert(name, value);
        self
    }

    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        self.header(CONTENT_TYPE, content_type)
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    #[must_use]
    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body.to_owned())
    }

    /// Sends it, and reads the answer as a stream of events.
    pub async fn stream(self) -> EventStream {
        let actor = self.actor;
        let response = actor.issuer.respond(self.request, actor.address).await;
        EventStream::new(response)
    }

    pub async fn send(self) -> Answer {
        self.actor
            .issuer
            .answer(self.request, self.actor.address)
            .await
    }
}

/// Percent-encoded for a form or a path segment.
pub fn escaped(text: &str) -> String {
    let unreserved = |b: &u8| b.is_ascii_alphanumeric() || b"-._~".contains(b);
    text.bytes()
        .map(|b| {
            if unreserved(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
