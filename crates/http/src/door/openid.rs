//! The door of userinfo: unlike everywhere else, a POST may carry the token in its form (OpenID Connect Core §5.3.1).

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::Method;
use http::header::AUTHORIZATION;
use http::request::Parts;
use keywright_domain::session::Caller;
use keywright_verify::Challenge;

use super::caller::{admitted, caller_of, caller_with};
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::{Asked, Credentials, REALM};
use crate::extract::form::{Form, FormRefused};
use crate::problem::Problem;
use crate::reason::Reason;

/// An access token of a standing session, in the header or in the form. That it carries the scope `openid` is for the use case to
/// say, which knows what the session was granted.
#[derive(Clone, Copy, Debug)]
pub struct OpenIdCaller;

impl Authority for OpenIdCaller {
    fn required(&self) -> Required {
        Required::OpenIdCaller
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let (parts, body) = request.into_parts();
        let token = in_form(&parts, body).await;
        let mut request = Request::from_parts(parts, Body::empty());
        let caller = match token {
            Ok(Some(token)) => {
                let credentials = Credentials::in_form(&token, request.extensions());
                caller_with(app, &credentials).await
            }
            Ok(None) => caller_of(app, Asked::of(&request)).await,
            Err(problem) => Err(problem),
        };
        request
            .extensions_mut()
            .insert(caller.map_err(IntoResponse::into_response)?);
        Ok(request)
    }
}

impl FromRequestParts<Door<OpenIdCaller>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Door<OpenIdCaller>,
    ) -> Result<Self, Problem> {
        admitted(parts)
    }
}

/// The token of the form, if there is a form with one; never beside one in the header (RFC 6750 §2).
async fn in_form(parts: &Parts, body: Body) -> Result<Option<String>, Problem> {
    if parts.method != Method::POST || !Form::is_sent_with(&parts.headers) {
        return Ok(None);
    }
    let form = Form::read(&parts.headers, body).await;
    let form = form.map_err(|refused| match refused {
        FormRefused::Body(refused) => Problem::from(refused),
        FormRefused::NotUrlEncoded(refused) => {
            Problem::new(Reason::MalformedRequest).with_detail(refused.to_string())
        }
    })?;
    let Some(token) = form.value("access_token") else {
        return Ok(None);
    };
    if parts.headers.contains_key(AUTHORIZATION) {
        const TWICE: &str = "the request carries more than one access token";
        let challenge = Challenge::invalid_request(TWICE).realm(REALM);
        return Err(Problem::new(Reason::MalformedRequest)
            .with_detail(TWICE)
            .with_challenge(challenge));
    }
    Ok(Some(token.to_owned()))
}
