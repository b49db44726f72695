//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0): a client sends a person's browser here to log out, and may get it back.

use axum::extract::Request;
use axum::response::Response;
use http::Uri;
use keywright_domain::audit::Origin;
use keywright_domain::authorize::Parameters;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::authorize::{FORM, read};
use crate::app::App;
use crate::door::Visitor;
use crate::extract::body;
use crate::problem::Problem;
use crate::web;

/// The request, for the reference. What is not known is ignored.
#[derive(Serialize, Deserialize, ToSchema, IntoParams)]
pub struct LogoutParameters {
    /// An ID token that the client had of this person; it may have expired. Without it the person is asked first.
    id_token_hint: Option<String>,
    /// The client of the ID token, or whoever asks without one.
    client_id: Option<String>,
    /// Exactly as it is registered in `post_logout_redirect_uris`.
    post_logout_redirect_uri: Option<String>,
    /// Comes back with the person.
    state: Option<String>,
}

/// What a request by a form becomes on its way.
const TICKET: &str = "ticket";

pub async fn log_out_for_client(
    app: App,
    visitor: Visitor,
    origin: Origin,
    uri: Uri,
) -> Result<Response, Problem> {
    let sent = read(uri.query().unwrap_or_default().as_bytes())?;
    let issuer = app.issuer();
    let parameters = match sent.value(TICKET) {
        Some(ticket) => issuer.logout_parameters(ticket)?,
        None => sent,
    };
    let login = visitor.login.as_ref();
    let logout = issuer.request_logout(&parameters, login, &origin).await?;
    web::answer_logout(&app, &visitor, logout)
}

/// Sends the browser on by GET, because with a form of another site browsers send no cookie that is `SameSite=Lax`. The request goes
/// along sealed: who chose a form wanted the ID token to stay out of addresses.
pub async fn log_out_for_client_by_form(app: App, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let form = body::read(&parts.headers, body, FORM).await?;
    let parameters: Parameters = read(&form)?;
    let ticket = app.issuer().logout_ticket(&parameters)?;
    web::see_page(&app, &format!("/oauth2/logout?{TICKET}={ticket}"))
}
