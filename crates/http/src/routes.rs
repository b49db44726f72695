//! The table of everything that the server answers to.
//!
//! The router, the OpenAPI document and the authorization-coverage test read these rows. To add an endpoint, write its handler
//! and its row; a row names what must be proved first, and nothing reaches the handler without it.

use axum::Router;
use http::StatusCode;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::door::{AnyCaller, AnyClient, Leaving, Public};
use crate::oauth::{TokenRequest, issue_token};
use crate::openapi::describe;
use crate::route::{Rate, Route, delete, get, mount, post};
use crate::tokens::TokensBody;
use crate::wellknown::{
    KeySet, Metadata, serve_authorization_server, serve_jwks, serve_openid_configuration,
};
use crate::{api, ops};

const OK: StatusCode = StatusCode::OK;
const CREATED: StatusCode = StatusCode::CREATED;
const ACCEPTED: StatusCode = StatusCode::ACCEPTED;

/// The rows, in the order of the reference.
pub fn routes() -> Vec<Route> {
    [discovery(), identity(), oauth(), operations()]
        .into_iter()
        .flatten()
        .collect()
}

/// Everything behind its doors.
pub fn router(app: &App) -> Router {
    mount(&routes(), app)
}

/// The document that `GET /openapi.json` serves.
pub fn openapi() -> OpenApi {
    describe(&routes())
}

#[rustfmt::skip] // A row is a line, or it is no table.
fn discovery() -> Vec<Route> {
    vec![
        get("/.well-known/openid-configuration", Public, serve_openid_configuration, "Metadata (OpenID Connect Discovery)").answers::<Metadata>(OK),
        get("/.well-known/oauth-authorization-server", Public, serve_authorization_server, "Metadata (RFC 8414)").answers::<Metadata>(OK),
        get("/.well-known/jwks.json", Public, serve_jwks, "The keys that tokens are verified with").answers::<KeySet>(OK),
    ]
}

#[rustfmt::skip]
fn identity() -> Vec<Route> {
    vec![
        post("/v1/register", Public, api::register_account, "Register an account").takes::<api::RegisterRequest>().answers::<api::Accepted>(CREATED).limited(Rate::Letters),
        post("/v1/login", Public, api::log_in, "Log in with a password").takes::<api::LogInRequest>().answers::<TokensBody>(OK).limited(Rate::Guesses),
        post("/v1/refresh", Public, api::refresh_tokens, "Refresh the tokens of a session").takes::<api::RefreshRequest>().answers::<TokensBody>(OK).limited(Rate::Guesses),
        post("/v1/logout", Leaving, api::log_out, "Log out").takes::<api::LogOutRequest>().answers_nothing().limited(Rate::Guesses),
        get("/v1/me", AnyCaller, api::show_me, "See one's own account").answers::<api::Me>(OK),
        get("/v1/sessions", AnyCaller, api::list_own_sessions, "List one's own sessions").answers::<api::OwnSessions>(OK),
        delete("/v1/sessions", AnyCaller, api::log_out_everywhere, "Log out everywhere").answers::<api::EndedBody>(OK),
        delete("/v1/sessions/{id}", AnyCaller, api::end_own_session, "End one of one's own sessions").answers_nothing(),
        post("/v1/password", AnyCaller, api::change_password, "Change one's own password").takes::<api::ChangePasswordRequest>().answers_nothing().limited(Rate::Guesses),
        post("/v1/password/forgot", Public, api::forgot_password, "Ask for a recovery letter").takes::<api::ForgotPasswordRequest>().answers::<api::Accepted>(ACCEPTED).limited(Rate::Letters),
        post("/v1/password/reset", Public, api::reset_password, "Set a password by a recovery letter").takes::<api::ResetPasswordRequest>().answers_nothing().limited(Rate::Guesses),
        post("/v1/email/verify", Public, api::verify_email, "Prove an e-mail address by a letter").takes::<api::VerifyEmailRequest>().answers_nothing().limited(Rate::Guesses),
        post("/v1/email/resend", Public, api::resend_verification, "Ask for another verification letter").takes::<api::ResendRequest>().answers::<api::Accepted>(ACCEPTED).limited(Rate::Letters),
    ]
}

#[rustfmt::skip]
fn oauth() -> Vec<Route> {
    vec![
        post("/oauth2/token", AnyClient, issue_token, "Get tokens by a grant (RFC 6749)").takes_form::<TokenRequest>().answers::<TokensBody>(OK).limited(Rate::Clients),
    ]
}

#[rustfmt::skip]
fn operations() -> Vec<Route> {
    vec![
        get("/healthz", Public, ops::report_health, "Whether the process lives").answers::<ops::Health>(OK),
        get("/readyz", Public, ops::report_readiness, "Whether the database answers and a key signs").answers::<ops::Health>(OK),
        get("/metrics", Public, ops::expose_metrics, "Counters (OpenMetrics)"),
        get("/openapi.json", Public, ops::serve_openapi, "This document"),
    ]
}
