//! A request at fault, of a client that nobody here vouches for: the person sees what is wrong and whose site it is, before they go there.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::authorize::Fault;

use super::consent::destination;
use super::page::{Frame, Leads, render};
use crate::app::App;
use crate::oauth::address;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    frame: &'a Frame,
    fault: &'a Fault,
    destination: &'a str,
    /// `None`: the answer goes there as a form.
    way_back: Option<String>,
}

pub fn fault_page(app: &App, fault: &Fault) -> Result<Response, Problem> {
    let page = FaultPage {
        frame: &Frame::of(app),
        fault,
        destination: destination(&fault.answer.redirect_uri),
        way_back: address(&fault.answer),
    };
    render(StatusCode::BAD_REQUEST, Leads::Away, &page)
}
