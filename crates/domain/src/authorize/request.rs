//! An authorization request that is understood.

use crate::Period;
use crate::access::{Audience, AuthorizationDetails, ScopeSet};
use crate::openid::ClaimsRequest;

/// What a request asks for. Its checks fill it in, each its own members.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizationRequest {
    /// The API that the access token is for.
    pub audience: Audience,
    /// Of the API's scopes, what the client asks for and may have.
    pub scope: ScopeSet,
    /// Of OpenID Connect's own scopes, the same.
    pub openid: ScopeSet,
    pub details: AuthorizationDetails,
    pub nonce: Option<String>,
    /// RFC 7636, always of the method `S256`. `None` where the registration lets an old library do without.
    pub code_challenge: Option<String>,
    /// RFC 9449 §10: the key that the code is bound to.
    pub dpop_jkt: Option<String>,
    pub prompt: Prompt,
    /// How long ago the person may have logged in.
    pub max_age: Option<Period>,
    /// What the client would like, most wanted first. A wish, not a demand (OpenID Connect Core §3.1.2.1).
    pub acr_values: Vec<String>,
    /// The person whom the client means, by the name that it knows (OpenID Connect Core §3.1.2.1, `id_token_hint`).
    pub hinted: Option<String>,
    pub login_hint: Option<String>,
    pub ui_locales: Option<String>,
    pub display: Option<String>,
    /// OpenID Connect Core §5.5.
    pub claims: ClaimsRequest,
}

/// What the client wants the person to be asked, whatever is known already (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing at all: what would need a page is an error.
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}

impl AuthorizationRequest {
    /// Asks for nothing, of `audience`.
    pub(super) fn of(audience: Audience) -> Self {
        Self {
            audience,
            scope: ScopeSet::default(),
            openid: ScopeSet::default(),
            details: AuthorizationDetails::default(),
            nonce: None,
            code_challenge: None,
            dpop_jkt: None,
            prompt: Prompt::default(),
            max_age: None,
            acr_values: Vec::new(),
            hinted: None,
            login_hint: None,
            ui_locales: None,
            display: None,
            claims: ClaimsRequest::default(),
        }
    }

    /// What of OpenID Connect the person consents to: a claim that is asked for by name is no less than the scope that it belongs to.
    pub(super) fn openid_told(&self) -> ScopeSet {
        self.openid.union(&self.claims.scopes())
    }

    /// Whether it may be answered for whom the client knows as `subject`.
    pub(super) fn is_about(&self, subject: &str) -> bool {
        self.hinted
            .as_deref()
            .is_none_or(|hinted| hinted == subject)
    }

    /// Whether it is an OpenID Connect request.
    pub fn is_openid(&self) -> bool {
        self.openid.contains("openid")
    }
}
