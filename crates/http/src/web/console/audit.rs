//! `/admin/audit`: what happened last.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::Time;
use keywright_domain::audit::Entry;

use super::{Desk, Section};
use crate::app::App;
use crate::door::{AtConsole, Visitor};
use crate::problem::Problem;
use crate::web::page::{Frame, Leads, Post, show};

const SHOWN: u32 = 100;

#[derive(Template)]
#[template(path = "console/audit.html")]
struct AuditPage<'a> {
    frame: &'a Frame,
    post: &'a Post,
    desk: &'a Desk,
    entries: Vec<Row>,
}

struct Row {
    entry: Entry,
    at: Time,
}

pub async fn show_console_audit(
    app: App,
    visitor: Visitor,
    AtConsole(person): AtConsole,
) -> Result<Response, Problem> {
    let entries = app.issuer().newest_audit_entries(SHOWN).await?;
    let row = |entry: Entry| Row {
        at: Time::from_millis(entry.at),
        entry,
    };
    let desk = Desk::of(&app, &visitor, person, Section::Audit);
    let page = AuditPage {
        frame: &desk.frame,
        post: &desk.post,
        desk: &desk,
        entries: entries.into_iter().map(row).collect(),
    };
    show(&visitor, StatusCode::OK, Leads::Here, &page)
}
