//! The answer to an introspection, plain or signed.

use serde_json::{Map, Value, json};

use crate::Issuer;
use crate::client::ClientId;
use crate::token::MintError;

/// RFC 9701 §5.
const SIGNED_TYPE: &str = "token-introspection+jwt";

/// What a client is told of a token.
#[derive(Clone, Debug)]
pub struct Introspection {
    pub client: ClientId,
    /// `None`: it is not active, and no more is said.
    pub(crate) members: Option<Map<String, Value>>,
}

impl Introspection {
    /// RFC 7662 §2.2.
    pub fn document(&self) -> Value {
        let mut document = self.members.clone().unwrap_or_default();
        document.insert("active".to_owned(), self.members.is_some().into());
        Value::Object(document)
    }
}

impl Issuer {
    /// The answer as a JWT for the client that asked, which can show it to others as evidence (RFC 9701). Its type keeps it from passing
    /// for an access token, and its claims are below one member for the same reason.
    pub fn sign_introspection(&self, answer: &Introspection) -> Result<String, MintError> {
        let claims = json!({
            "iss": self.policy().issuer.as_str(),
            "aud": answer.client.as_str(),
            "iat": self.now().secs(),
            "token_introspection": answer.document(),
        });
        let payload = claims.to_string();
        Ok(self.announcer()?.sign(SIGNED_TYPE, payload.as_bytes())?)
    }
}
