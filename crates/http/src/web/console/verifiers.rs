//! `/admin/verifiers`: the services that check tokens: who lags, who lacks a key, who refuses what.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::fleet::{Spike, Verifier};

use super::{Desk, Section};
use crate::app::App;
use crate::door::{AtConsole, Visitor};
use crate::problem::Problem;
use crate::web::page::{Frame, Leads, Post, show};

#[derive(Template)]
#[template(path = "console/verifiers.html")]
struct VerifiersPage<'a> {
    frame: &'a Frame,
    post: &'a Post,
    desk: &'a Desk,
    verifiers: Vec<Row>,
}

struct Row {
    verifier: Verifier,
    is_connected: bool,
    lag: u64,
    /// Keys that are served and that it has not reported.
    missing: Vec<String>,
    spikes: Vec<&'static str>,
}

pub async fn show_console_verifiers(
    app: App,
    visitor: Visitor,
    AtConsole(person): AtConsole,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    let (head, now, keys) = (issuer.feed().head(), issuer.now(), issuer.keys());
    let row = |verifier: Verifier| {
        let spikes = verifier.spikes.ongoing(now);
        Row {
            is_connected: verifier.is_connected(now),
            lag: verifier.lag(head),
            missing: verifier.missing(&keys),
            spikes: spikes.map(Spike::as_str).collect(),
            verifier,
        }
    };
    let desk = Desk::of(&app, &visitor, person, Section::Verifiers);
    let page = VerifiersPage {
        frame: &desk.frame,
        post: &desk.post,
        desk: &desk,
        verifiers: issuer.verifiers().await?.into_iter().map(row).collect(),
    };
    show(&visitor, StatusCode::OK, Leads::Here, &page)
}
