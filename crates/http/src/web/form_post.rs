//! An answer that travels to the client as a form (OAuth 2.0 Form Post Response Mode): it sends itself, and has a button for browsers
//! without script.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use keywright_domain::authorize::AuthorizationResponse;

use super::page::Frame;
use crate::app::App;
use crate::problem::Problem;
use crate::reason::Reason;

/// The one script of all pages, and all that may run on this one.
const SCRIPT: &str = "document.forms[0].submit()";

/// Without `form-action`: see [`Leads::Away`](super::page::Leads).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = digest::digest(&digest::SHA256, SCRIPT.as_bytes());
    let hash = base64_simd::STANDARD.encode_to_string(hash.as_ref());
    format!(
        "default-src 'none'; style-src 'self'; script-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'"
    )
});

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    frame: &'a Frame,
    answer: &'a AuthorizationResponse,
    script: &'static str,
}

pub fn form_post_page(app: &App, answer: &AuthorizationResponse) -> Result<Response, Problem> {
    let page = FormPostPage {
        frame: &Frame::of(app),
        answer,
        script: SCRIPT,
    };
    let html = page.render().map_err(|error| {
        tracing::error!(target: "http.page.failed", %error);
        Problem::new(Reason::Internal)
    })?;
    let policy = HeaderValue::from_str(&POLICY).map_err(|_| Problem::new(Reason::Internal))?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, policy),
        // The page's own address holds the request.
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((StatusCode::OK, headers, html).into_response())
}
