//! Logging out: the button on our own pages, and what a person sees whom a client sent to log out.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::audit::Origin;
use keywright_domain::logout::{LoggedOut, Logout, LogoutAsked, WayBack};
use serde::Serialize;
use utoipa::ToSchema;

use super::cookie;
use super::page::{Frame, Leads, Post, render, see_other, show};
use crate::app::App;
use crate::door::{OwnLogin, PageForm, Visitor};
use crate::oauth::with_query;
use crate::problem::Problem;

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct LogOutForm {
    /// From the page that the form is on.
    ticket: String,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOutPage<'a> {
    frame: &'a Frame,
}

#[derive(Template)]
#[template(path = "log_out.html")]
struct LogOutPage<'a> {
    frame: &'a Frame,
    post: Post,
    asked: &'a LogoutAsked,
}

pub async fn log_out_of_browser(
    app: App,
    OwnLogin(own): OwnLogin,
    origin: Origin,
) -> Result<Response, Problem> {
    app.issuer().log_out_browser(&own, None, &origin).await?;
    logged_out_page(&app)
}

/// For a client's request: asks the person, or lets them go.
pub fn answer_logout(app: &App, visitor: &Visitor, logout: Logout) -> Result<Response, Problem> {
    match logout {
        Logout::Confirm(asked) => {
            let page = LogOutPage {
                frame: &Frame::of(app),
                post: Post::of(app, visitor),
                asked: &asked,
            };
            show(visitor, StatusCode::OK, Leads::Away, &page)
        }
        Logout::Over(over) => let_go(app, &over),
    }
}

pub async fn confirm_logout(
    app: App,
    visitor: Visitor,
    origin: Origin,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let ticket = form.value("ticket").unwrap_or_default();
    let login = visitor.login.as_ref();
    let over = app.issuer().confirm_logout(ticket, login, &origin).await?;
    let_go(&app, &over)
}

/// Takes the cookie away, and sends the person where the client wants them.
fn let_go(app: &App, over: &LoggedOut) -> Result<Response, Problem> {
    let Some(way_back) = &over.way_back else {
        return logged_out_page(app);
    };
    let mut response = see_other(&address(way_back))?;
    cookie::forget_login(response.headers_mut());
    Ok(response)
}

fn address(
    WayBack {
        redirect_uri,
        state,
    }: &WayBack,
) -> String {
    match state {
        Some(state) => with_query(redirect_uri, &[("state", state.clone())]),
        None => redirect_uri.clone(),
    }
}

/// Says so, and takes the cookie away.
pub fn logged_out_page(app: &App) -> Result<Response, Problem> {
    let frame = Frame::of(app);
    let page = LoggedOutPage { frame: &frame };
    let mut response = render(StatusCode::OK, Leads::Here, &page)?;
    cookie::forget_login(response.headers_mut());
    Ok(response)
}
