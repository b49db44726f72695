use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Url};
use tokio::time::timeout;

use super::FetchError;

/// Beyond, there is no token: the next attempt asks again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that an access token is wanted for; a DPoP proof names both (RFC 9449 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The address as the issuer spells it.
    pub url: String,
}

/// An access token for the issuer's own API with the scope `feed:follow`.
#[non_exhaustive]
pub enum FeedToken {
    /// A bearer token (RFC 6750).
    Bearer(String),
    /// A token that is bound to a key (RFC 9449).
    Dpop {
        /// The token.
        token: String,
        /// A proof of its key for this request.
        proof: String,
    },
}

type Answer = Pin<Box<dyn Future<Output = Option<FeedToken>> + Send>>;
type Tokens = Box<dyn Fn(FeedRequest) -> Answer + Send + Sync>;

/// Who we are to the issuer. Neither secret nor token is ever printed.
pub(super) enum Credentials {
    Basic(HeaderValue),
    Tokens(Tokens),
}

impl Credentials {
    /// RFC 6749 §2.3.1: both halves are form-encoded before Basic joins them.
    pub fn by_secret(id: &str, secret: &str) -> Self {
        let joined = format!("{}:{}", form_encoded(id), form_encoded(secret));
        let encoded = base64_simd::STANDARD.encode_to_string(joined);
        // Base64 is always a header value.
        let value = sensitive(format!("Basic {encoded}"));
        Self::Basic(value.unwrap_or(HeaderValue::from_static("Basic")))
    }

    pub fn by_token<F, T>(tokens: F) -> Self
    where
        F: Fn(FeedRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Option<FeedToken>> + Send + 'static,
    {
        Self::Tokens(Box::new(move |request| Box::pin(tokens(request))))
    }

    /// A request that says who we are.
    pub async fn request(
        &self,
        client: &Client,
        method: Method,
        url: &Url,
    ) -> Result<RequestBuilder, FetchError> {
        let asked = FeedRequest {
            method: if method == Method::GET { "GET" } else { "POST" },
            url: url.to_string(),
        };
        let request = client.request(method, url.clone());
        let tokens = match self {
            Self::Basic(value) => return Ok(request.header(AUTHORIZATION, value.clone())),
            Self::Tokens(tokens) => tokens,
        };
        let token = timeout(PATIENCE, tokens(asked)).await.ok().flatten();
        let (authorization, proof) = match token.ok_or(FetchError::NoToken)? {
            FeedToken::Bearer(token) => (format!("Bearer {token}"), None),
            FeedToken::Dpop { token, proof } => (format!("DPoP {token}"), Some(proof)),
        };
        let authorization = sensitive(authorization).ok_or(FetchError::NoToken)?;
        let request = request.header(AUTHORIZATION, authorization);
        Ok(match proof {
            Some(proof) => request.header("dpop", proof),
            None => request,
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// `None`: no header can carry it.
fn sensitive(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn form_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'*' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_encoded_before_they_are_joined_and_never_shown() {
        let credentials = Credentials::by_secret("a b", "s:é+%");
        let expected = base64_simd::STANDARD.encode_to_string("a%20b:s%3A%C3%A9%2B%25");
        let Credentials::Basic(value) = &credentials else {
            panic!("a secret goes by Basic")
        };
        assert_eq!(value, &format!("Basic {expected}"));
        assert!(!format!("{credentials:?} {value:?}").contains(&expected));
    }
}
