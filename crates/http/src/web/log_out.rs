//! Logging out: the button on our own pages, and what a person sees whom a client sent to log out.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use keywright_domain::audit::Origin;
use keywright_domain::client::origin;
use keywright_domain::login::Login;
use keywright_domain::logout::{FrontChannel, LoggedOut, Logout, LogoutAsked, WayBack};
use serde::Serialize;
use utoipa::ToSchema;

use super::cookie;
use super::page::{Frame, Leads, Post, respond, see_other, show};
use crate::app::App;
use crate::door::{OwnLogin, PageForm, Visitor};
use crate::oauth::with_query;
use crate::problem::Problem;
use crate::reason::Reason;

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
    /// What clients clear up with, loaded out of sight.
    loads: Vec<String>,
    way_back: Option<String>,
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
    let over = app.issuer().log_out_here(&own, &origin).await?;
    let_go(&app, &over, Some(&own))
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
        Logout::Over(over) => let_go(app, &over, visitor.login.as_ref()),
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
    let_go(&app, &over, login)
}

/// Sends the person where the client wants them; by way of a page, if others have to clear up first. The cookie goes with the login that
/// it stood for, and not because somebody made the browser come here without it.
pub(super) fn let_go(
    app: &App,
    over: &LoggedOut,
    ended: Option<&Login>,
) -> Result<Response, Problem> {
    let way_back = over.way_back.as_ref().map(address);
    let mut response = match way_back {
        Some(address) if over.front_channel.is_empty() => see_other(&address)?,
        way_back => {
            let frame = Frame::of(app);
            let issuer = app.issuer().policy().issuer.as_str().to_owned();
            let load = |told| load(&issuer, told);
            let page = LoggedOutPage {
                frame: &frame,
                loads: over.front_channel.iter().map(load).collect(),
                way_back,
            };
            respond(StatusCode::OK, policy(&over.front_channel)?, &page)?
        }
    };
    if ended.is_some() {
        cookie::forget_login(response.headers_mut());
    }
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

/// OpenID Connect Front-Channel Logout §3: always with both, which a client that wants neither ignores.
fn load(issuer: &str, told: &FrontChannel) -> String {
    let session = told.session.to_string();
    with_query(&told.uri, &[("iss", issuer.to_owned()), ("sid", session)])
}

/// Frames of these sites and of no others. What is no plain host could be read as a directive of its own, and is not framed.
fn policy(front_channel: &[FrontChannel]) -> Result<HeaderValue, Problem> {
    let is_plain = |site: &&str| {
        let of_host = |b: u8| b.is_ascii_alphanumeric() || b"-.:/[]".contains(&b);
        site.bytes().all(of_host)
    };
    let sites = front_channel.iter().map(|told| origin(&told.uri));
    let sites: BTreeSet<&str> = sites.filter(is_plain).collect();
    let mut policy = Leads::Here.policy().to_owned();
    if !sites.is_empty() {
        let sites: Vec<&str> = sites.into_iter().collect();
        policy = format!("{policy}; frame-src {}", sites.join(" "));
    }
    HeaderValue::try_from(policy).map_err(|_| Problem::new(Reason::Internal))
}

#[cfg(test)]
mod tests {
    use keywright_domain::{SessionId, Time};

    use super::*;

    fn told(uri: &str) -> FrontChannel {
        FrontChannel {
            uri: uri.to_owned(),
            session: SessionId::new(Time::from_secs(1_800_000_000), [1; 10]),
        }
    }

    #[test]
    fn page_may_frame_the_sites_of_those_that_are_told_and_no_others() {
        let all = [
            told("https://b.example:8443/out?x=1"),
            told("https://a.example/out"),
            told("https://a.example/other"),
            told("https://c.example;script-src/out"),
        ];
        let policy = policy(&all).unwrap();
        let text = policy.to_str().unwrap();
        let (rest, sites) = text.split_once("; frame-src ").unwrap();
        assert_eq!(sites, "https://a.example https://b.example:8443");
        assert_eq!(rest, Leads::Here.policy());
        assert_eq!(super::policy(&[]).unwrap(), Leads::Here.policy());
    }

    #[test]
    fn what_is_loaded_names_issuer_and_session() {
        let told = told("https://a.example/out?x=1");
        let url = load("https://id.example", &told);
        let session = told.session;
        let expected =
            format!("https://a.example/out?x=1&iss=https%3A%2F%2Fid.example&sid={session}");
        assert_eq!(url, expected);
    }
}
