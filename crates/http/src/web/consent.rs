//! The consent page: what a client asks for, and what the person says to it.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::audit::Origin;
use keywright_domain::authorize::{ConsentAsked, ConsentDecision};
use serde::Serialize;
use utoipa::ToSchema;

use super::page::{Frame, Leads, Post, show};
use crate::app::App;
use crate::door::{PageForm, Visitor};
use crate::oauth::answer_browser;
use crate::problem::Problem;

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct ConsentForm {
    /// From the page that the form is on.
    ticket: String,
    /// `allow` or `deny`.
    decision: String,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    frame: &'a Frame,
    post: Post,
    asked: &'a ConsentAsked,
    destination: &'a str,
    policy: Option<&'a str>,
    terms: Option<&'a str>,
}

pub fn consent_page(
    app: &App,
    visitor: &Visitor,
    asked: &ConsentAsked,
) -> Result<Response, Problem> {
    let page = ConsentPage {
        frame: &Frame::of(app),
        post: Post::of(app, visitor),
        asked,
        destination: destination(&asked.redirect_uri),
        policy: safe_link(asked.policy_uri.as_ref()),
        terms: safe_link(asked.tos_uri.as_ref()),
    };
    show(visitor, StatusCode::OK, Leads::Away, &page)
}

pub async fn decide_consent(
    app: App,
    visitor: Visitor,
    origin: Origin,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let decision = match form.value("decision") {
        Some("allow") => ConsentDecision::Allow,
        Some("deny") => ConsentDecision::Deny,
        Some(_) | None => return Err(Problem::field("decision", "expected `allow` or `deny`")),
    };
    let ticket = form.value("ticket").unwrap_or_default();
    let login = visitor.login.as_ref();
    let resumed = app.issuer().resume(ticket, login, Some(decision), &origin);
    answer_browser(&app, &visitor, resumed.await)
}

/// The site, or the scheme of the app, that the person is sent back to: what tells an impostor apart whatever it calls itself.
pub(super) fn destination(redirect_uri: &str) -> &str {
    let Some((scheme, rest)) = redirect_uri.split_once(':') else {
        return redirect_uri;
    };
    let end = match rest.strip_prefix("//") {
        Some(authority) => {
            let host = authority.find(['/', '?']).unwrap_or(authority.len());
            scheme.len() + "://".len() + host
        }
        None => scheme.len(),
    };
    &redirect_uri[..end]
}

/// What a client says of itself may be anything; a link on our page leads to a site and runs nothing.
fn safe_link(uri: Option<&String>) -> Option<&str> {
    let uri = uri?.as_str();
    uri.starts_with("https://").then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_whom_they_are_sent_back_to() {
        for (uri, shown) in [
            ("https://app.example/cb?x=1", "https://app.example"),
            ("https://app.example:8443", "https://app.example:8443"),
            ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000"),
            ("https://app.example?x=1", "https://app.example"),
            ("com.example.app:/cb", "com.example.app"),
            ("com.example.app://cb/x", "com.example.app://cb"),
        ] {
            assert_eq!(destination(uri), shown);
        }
    }

    #[test]
    fn only_sites_are_linked() {
        let link = |text: &str| safe_link(Some(&text.to_owned())).is_some();
        assert!(link("https://app.example/policy"));
        assert!(!link("javascript:alert(1)") && !link("http://app.example") && !link("/x"));
    }
}
