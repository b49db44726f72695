//! `POST /logout`: the button on our own pages. A client that logs somebody out goes to the endpoint of OpenID Connect.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::audit::Origin;

use super::cookie;
use super::page::{Frame, Leads, render};
use crate::app::App;
use crate::door::OwnLogin;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOutPage<'a> {
    frame: &'a Frame,
}

pub async fn log_out_of_browser(
    app: App,
    OwnLogin(own): OwnLogin,
    origin: Origin,
) -> Result<Response, Problem> {
    app.issuer().log_out_browser(own.id, &origin).await?;
    logged_out_page(&app)
}

/// Says so, and takes the cookie away.
pub fn logged_out_page(app: &App) -> Result<Response, Problem> {
    let frame = Frame::of(app);
    let page = LoggedOutPage { frame: &frame };
    let mut response = render(StatusCode::OK, Leads::Here, &page)?;
    cookie::forget_login(response.headers_mut());
    Ok(response)
}
