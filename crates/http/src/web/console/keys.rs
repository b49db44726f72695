//! `/admin/keys`: which keys sign, what a key's end would cost, and the three things that can be done about it.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::keys::{KeyState, KeySummary, RingId};
use keywright_domain::ledger::KeyImpact;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desk, Section};
use crate::app::App;
use crate::door::{AtConsole, PageForm, Visitor};
use crate::extract::PathParam;
use crate::extract::form::Form;
use crate::problem::Problem;
use crate::reason::Reason;
use crate::web::page::{Frame, Leads, Post, see_page, show};

/// Which keys to hand over, for the reference.
#[derive(Serialize, ToSchema)]
pub struct RotateForm {
    algorithm: String,
    /// For HS*: the API whose keys they are.
    audience: Option<String>,
    /// Present: also without evidence that verifiers know the successor; never before its time.
    force: Option<String>,
    /// From the page that the form is on.
    csrf: String,
}

/// Which keys, for the reference.
#[derive(Serialize, ToSchema)]
pub struct RingForm {
    algorithm: String,
    /// For HS*: the API whose keys they are.
    audience: Option<String>,
    /// From the page that the form is on.
    csrf: String,
}

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct RevokeKeyForm {
    /// Present: also while no verifier is sure to know the successor.
    force: Option<String>,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage<'a> {
    frame: &'a Frame,
    post: &'a Post,
    desk: &'a Desk,
    keys: Vec<KeySummary>,
}

#[derive(Template)]
#[template(path = "console/key.html")]
struct KeyPage<'a> {
    frame: &'a Frame,
    post: &'a Post,
    desk: &'a Desk,
    key: &'a KeySummary,
    impact: &'a KeyImpact,
}

pub async fn show_console_keys(
    app: App,
    visitor: Visitor,
    AtConsole(person): AtConsole,
) -> Result<Response, Problem> {
    let desk = Desk::of(&app, &visitor, person, Section::Keys);
    let page = KeysPage {
        frame: &desk.frame,
        post: &desk.post,
        desk: &desk,
        keys: app.issuer().list_keys().await?,
    };
    show(&visitor, StatusCode::OK, Leads::Here, &page)
}

pub async fn show_console_key(
    app: App,
    visitor: Visitor,
    AtConsole(person): AtConsole,
    PathParam(kid): PathParam<String>,
) -> Result<Response, Problem> {
    let keys = app.issuer().list_keys().await?;
    let key = keys.iter().find(|key| key.kid == kid);
    let desk = Desk::of(&app, &visitor, person, Section::Keys);
    let page = KeyPage {
        frame: &desk.frame,
        post: &desk.post,
        desk: &desk,
        key: key.ok_or(Problem::new(Reason::NotFound))?,
        impact: &app.issuer().key_impact(&kid).await?,
    };
    show(&visitor, StatusCode::OK, Leads::Here, &page)
}

pub async fn rotate_at_console(
    app: App,
    AtConsole(person): AtConsole,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    issuer
        .rotate_keys(&ring(&form)?, forced(&form), &person.actor)
        .await?;
    see_page(&app, Section::Keys.path())
}

pub async fn roll_back_at_console(
    app: App,
    AtConsole(person): AtConsole,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    issuer.roll_back_keys(&ring(&form)?, &person.actor).await?;
    see_page(&app, Section::Keys.path())
}

pub async fn revoke_key_at_console(
    app: App,
    AtConsole(person): AtConsole,
    PathParam(kid): PathParam<String>,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    issuer
        .revoke_key(&kid, forced(&form), &person.actor)
        .await?;
    see_page(&app, Section::Keys.path())
}

fn ring(form: &Form) -> Result<RingId, Problem> {
    let algorithm = form.value("algorithm").unwrap_or_default().parse();
    let audience = form.value("audience").map(str::parse).transpose();
    Ok(RingId {
        algorithm: algorithm.map_err(|error| Problem::field("algorithm", error))?,
        audience: audience.map_err(|error| Problem::field("audience", error))?,
    })
}

fn forced(form: &Form) -> bool {
    form.value("force").is_some()
}

impl KeyPage<'_> {
    fn is_waiting(&self) -> bool {
        self.key.state == KeyState::Published
    }

    fn signs(&self) -> bool {
        self.key.state == KeyState::Active
    }

    fn has_ended(&self) -> bool {
        matches!(self.key.state, KeyState::Retired | KeyState::Revoked)
    }
}
