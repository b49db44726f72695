//! What went wrong, for a person: the same reasons as everywhere, on a page.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use http::header::RETRY_AFTER;

use super::page::{Frame, Leads, render};
use crate::app::App;
use crate::problem::{FieldError, Problem};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: &'a Frame,
    status: StatusCode,
    code: &'static str,
    says: &'static str,
    detail: Option<&'a str>,
    errors: &'a [FieldError],
}

/// Turns the problem document of a page's refusal into a page. Whatever else was answered stays as it is.
pub fn as_page(app: &App, response: Response) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    let reason = problem.reason();
    let frame = Frame::of(app);
    let page = ErrorPage {
        frame: &frame,
        status: reason.status(),
        code: reason.code(),
        says: reason.says(),
        detail: problem.detail(),
        errors: problem.errors(),
    };
    match render(reason.status(), Leads::Here, &page) {
        Ok(mut rendered) => {
            if let Some(after) = response.headers().get(RETRY_AFTER) {
                rendered.headers_mut().insert(RETRY_AFTER, after.clone());
            }
            rendered
        }
        Err(_) => response,
    }
}
