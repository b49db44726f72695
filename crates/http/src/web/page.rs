//! A page on its way out: its frame, its headers, and what its forms carry.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use keywright_domain::login::FormToken;
use serde::Serialize;
use utoipa::ToSchema;

use super::{assets, cookie};
use crate::app::App;
use crate::door::Visitor;
use crate::problem::Problem;
use crate::reason::Reason;

/// A page, for the reference.
#[derive(ToSchema)]
#[schema(as = Page, value_type = String)]
pub struct Html(#[expect(dead_code, reason = "describes the answer")] String);

/// A form that is nothing but a button, for the reference.
#[derive(Serialize, ToSchema)]
pub struct NoFields {
    /// From the page that the form is on.
    csrf: String,
}

/// What every page has.
pub struct Frame {
    /// The path of the issuer's URL, which a proxy takes off on the way here; without a slash at its end.
    pub base: String,
    pub stylesheet: &'static str,
}

/// What every form has: a page without it cannot be written.
pub struct Post {
    token: FormToken,
}

/// Where a page's forms may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To pages of ours.
    Here,
    /// To a client in the end. Chromium applies `form-action` to every redirect that follows a form, the client's own included, and
    /// nobody knows those beforehand: such a page does without. Nothing on it can be injected (no script runs, and
    /// every value is escaped), which is what the directive would be the second wall against.
    Away,
}

impl Leads {
    /// The page's content security policy.
    pub const fn policy(self) -> &'static str {
        match self {
            Leads::Here => {
                "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            }
            Leads::Away => {
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
        }
    }
}

impl Frame {
    pub fn of(app: &App) -> Self {
        Self {
            base: app.issuer().policy().issuer.path().to_owned(),
            stylesheet: assets::stylesheet(),
        }
    }
}

impl Post {
    pub fn of(app: &App, visitor: &Visitor) -> Self {
        Self {
            token: app.issuer().form_token(&visitor.visit),
        }
    }

    pub fn token(&self) -> &str {
        self.token.expose()
    }
}

/// A page for this browser.
pub fn show(
    visitor: &Visitor,
    status: StatusCode,
    leads: Leads,
    page: &impl Template,
) -> Result<Response, Problem> {
    let mut response = render(status, leads, page)?;
    if visitor.is_new {
        cookie::set_visit(response.headers_mut(), &visitor.visit);
    }
    Ok(response)
}

/// A page without forms, for whoever.
pub fn render(status: StatusCode, leads: Leads, page: &impl Template) -> Result<Response, Problem> {
    respond(status, HeaderValue::from_static(leads.policy()), page)
}

/// The same with a policy of its own.
pub fn respond(
    status: StatusCode,
    policy: HeaderValue,
    page: &impl Template,
) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| {
        tracing::error!(target: "http.page.failed", %error);
        Problem::new(Reason::Internal)
    })?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, policy),
        // Still nothing for other sites. `no-referrer` would make browsers send `Origin: null` with our own forms.
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    let headers: HeaderMap = headers.into_iter().collect();
    Ok((status, headers, html).into_response())
}

/// 303: the browser fetches `location` anew and sends nothing of the form there.
pub fn see_other(location: &str) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(location).map_err(|_| Problem::new(Reason::Internal))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response())
}

/// The way to a page of ours.
pub fn see_page(app: &App, path: &str) -> Result<Response, Problem> {
    let base = app.issuer().policy();
    see_other(&format!("{}{path}", base.issuer.path()))
}

pub fn see_login_page(app: &App) -> Response {
    see_page(app, "/login").unwrap_or_else(IntoResponse::into_response)
}
