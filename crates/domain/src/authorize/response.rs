//! What goes back to the client, and how.

use keywright_jwt::Algorithm;

use crate::IssuerUrl;
use crate::authorize::Objection;
use crate::client::ClientId;
use crate::secret::PlainSecret;

/// How the parameters of a response travel (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// An answer for the client, which the browser carries there.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// Registered for the client, so that it may be trusted.
    pub redirect_uri: String,
    pub mode: ResponseMode,
    /// `code`, or `error` and its description; `state`, as it came; `iss` (RFC 9207).
    pub parameters: Vec<(&'static str, String)>,
}

/// Where the answer to a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Destination {
    pub redirect_uri: String,
    pub mode: ResponseMode,
    pub state: Option<String>,
    /// `None`: the parameters travel as they are.
    pub signed_for: Option<SignedFor>,
}

/// For whom the parameters are signed, and by which algorithm (JARM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignedFor {
    pub client: ClientId,
    pub algorithm: Algorithm,
}

impl Destination {
    pub fn refuse(&self, objection: Objection, issuer: &IssuerUrl) -> AuthorizationResponse {
        let error = ("error", objection.error().to_owned());
        let says = ("error_description", objection.says().to_owned());
        self.answer([error, says], issuer)
    }

    pub fn grant(&self, code: &PlainSecret, issuer: &IssuerUrl) -> AuthorizationResponse {
        self.answer([("code", code.expose().to_owned())], issuer)
    }

    /// With `iss`, so that a client of two issuers can tell whose answer it is (the mix-up attack, RFC 9207 §1).
    fn answer(
        &self,
        parameters: impl IntoIterator<Item = (&'static str, String)>,
        issuer: &IssuerUrl,
    ) -> AuthorizationResponse {
        let state = self.state.clone().map(|state| ("state", state));
        AuthorizationResponse {
            redirect_uri: self.redirect_uri.clone(),
            mode: self.mode,
            parameters: parameters
                .into_iter()
                .chain(state)
                .chain([("iss", issuer.as_str().to_owned())])
                .collect(),
        }
    }
}

impl std::fmt::Debug for AuthorizationResponse {
    /// The names alone: a code is as good as a login, for a minute.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| *name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("redirect_uri", &self.redirect_uri)
            .field("mode", &self.mode)
            .field("parameters", &names)
            .finish()
    }
}
