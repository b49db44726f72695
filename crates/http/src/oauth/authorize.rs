//! `/oauth2/authorize` (RFC 6749 §3.1): a client sends a person's browser here, and gets it back with a code.

use axum::extract::Request;
use axum::response::Response;
use http::Uri;
use keywright_domain::audit::Origin;
use keywright_domain::authorize::{
    Authorization, AuthorizationResponse, AuthorizeError, Parameters,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::authorization_response::address;
use crate::app::App;
use crate::door::Visitor;
use crate::extract::{body, urlencoded};
use crate::problem::Problem;
use crate::problem_map::log_failure;
use crate::reason::Reason;
use crate::web;

/// The request, for the reference. Which of them a client must send depends on how it is registered; what is not known is ignored
/// (RFC 6749 §3.1).
#[derive(Serialize, Deserialize, ToSchema, IntoParams)]
pub struct AuthorizationParameters {
    client_id: String,
    /// `code`.
    response_type: String,
    /// Exactly as it is registered. Without it: the one that is.
    redirect_uri: Option<String>,
    /// Scopes separated by spaces. Without it: all that may be had of the API.
    scope: Option<String>,
    /// Comes back with the answer.
    state: Option<String>,
    /// The base64url of the SHA-256 of the code_verifier (RFC 7636).
    code_challenge: Option<String>,
    /// `S256`.
    code_challenge_method: Option<String>,
    /// The API that the token is for (RFC 8707). Without it: the client's default.
    resource: Option<String>,
    /// Comes back in the ID token.
    nonce: Option<String>,
    /// `query`, `fragment` or `form_post`; with `.jwt` behind, or `jwt` alone, signed.
    response_mode: Option<String>,
    /// Of `none`, `login`, `consent`, `select_account`.
    prompt: Option<String>,
    /// How many seconds ago the person may have logged in.
    max_age: Option<String>,
    /// An ID token that the client had of the person whom it means.
    id_token_hint: Option<String>,
    login_hint: Option<String>,
    ui_locales: Option<String>,
    display: Option<String>,
    acr_values: Option<String>,
    /// OpenID Connect Core §5.5, as JSON.
    claims: Option<String>,
    /// The key that the code is bound to (RFC 9449 §10).
    dpop_jkt: Option<String>,
}

pub async fn authorize(
    app: App,
    visitor: Visitor,
    origin: Origin,
    uri: Uri,
) -> Result<Response, Problem> {
    let parameters = read(uri.query().unwrap_or_default().as_bytes())?;
    let login = visitor.login.as_ref();
    let outcome = app.issuer().authorize(&parameters, login, &origin).await;
    answer_browser(&app, &visitor, outcome)
}

/// Sends the browser on to the same by GET. The form came from the client's site, and with such a request browsers send no cookie that
/// is `SameSite=Lax`: nobody would seem to be logged in.
pub async fn authorize_by_form(app: App, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let form = body::read(&parts.headers, body, FORM).await?;
    let pairs = urlencoded::list(&form).map_err(|_| unreadable())?;
    if !pairs.iter().any(|(name, _)| name == "client_id") {
        return Err(AuthorizeError::UnknownClient.into());
    }
    web::see_page(
        &app,
        &format!("/oauth2/authorize?{}", urlencoded::encode(&pairs)),
    )
}

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// What the person sees next, or what the browser carries to the client.
pub fn answer_browser(
    app: &App,
    visitor: &Visitor,
    outcome: Result<Authorization, AuthorizeError>,
) -> Result<Response, Problem> {
    match outcome {
        Ok(Authorization::LogIn(waiting)) => web::login_page_for(app, visitor, &waiting),
        Ok(Authorization::Consent(asked)) => web::consent_page(app, visitor, &asked),
        Ok(Authorization::Answer(response)) => carry(app, &response),
        Ok(Authorization::Fault(fault)) => web::fault_page(app, &fault),
        Err(AuthorizeError::Failed { answer, cause }) => {
            log_failure(&cause);
            carry(app, &answer)
        }
        Err(error) => Err(error.into()),
    }
}

/// By 303, which makes the browser fetch the client's address and send nothing of the form there (RFC 9700 §4.12); or by a page that
/// sends itself.
fn carry(app: &App, response: &AuthorizationResponse) -> Result<Response, Problem> {
    match address(response) {
        Some(address) => web::see_other(&address),
        None => web::form_post_page(app, response),
    }
}

pub(super) fn read(text: &[u8]) -> Result<Parameters, Problem> {
    let pairs = urlencoded::list(text).map_err(|_| unreadable())?;
    Parameters::new(pairs).map_err(|_| unreadable())
}

fn unreadable() -> Problem {
    Problem::new(Reason::MalformedRequest)
}
