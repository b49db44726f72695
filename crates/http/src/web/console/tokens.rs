//! `/admin/tokens`: which tokens live, and the end of what they have in common.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::Time;
use keywright_domain::account::LoginName;
use keywright_domain::ledger::{GrantType, Recorded, Revoked, TokenCount, TokenKind, TokenState};
use serde::Serialize;
use utoipa::ToSchema;

use super::search::Search;
use super::{Desk, Section};
use crate::admin::page::{ask, cut};
use crate::app::App;
use crate::door::{AtConsole, PageForm, Visitor};
use crate::extract::form::Form;
use crate::extract::{Limit, LoginText};
use crate::problem::Problem;
use crate::reason::Reason;
use crate::web::page::{Frame, Leads, Post, see_page, show};

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct PersonForm {
    /// The user name or the e-mail address.
    person: String,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "console/tokens.html")]
struct TokensPage<'a> {
    frame: &'a Frame,
    post: &'a Post,
    desk: &'a Desk,
    search: &'a Search,
    tokens: Vec<Row>,
    count: Option<TokenCount>,
    /// The last of these, if there are more behind it.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/revoked.html")]
struct RevokedPage<'a> {
    frame: &'a Frame,
    post: &'a Post,
    desk: &'a Desk,
    search: &'a Search,
    revoked: Revoked,
}

struct Row {
    token: Recorded,
    issued_at: Time,
    dies_at: Time,
}

pub async fn show_console_tokens(
    app: App,
    visitor: Visitor,
    AtConsole(person): AtConsole,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let search = Search::read(&form.map_err(|_| Problem::new(Reason::MalformedRequest))?);
    let desk = Desk::of(&app, &visitor, person, Section::Tokens);
    let mut page = TokensPage {
        frame: &desk.frame,
        post: &desk.post,
        desk: &desk,
        search: &search,
        tokens: Vec::new(),
        count: None,
        next: None,
    };
    if !search.faults.is_empty() {
        return show(
            &visitor,
            StatusCode::UNPROCESSABLE_ENTITY,
            Leads::Here,
            &page,
        );
    }
    let issuer = app.issuer();
    let (limit, filter) = (Limit::default(), &search.filter);
    let found = issuer.tokens(filter.clone(), ask(search.after, limit));
    let (found, next) = cut(found.await?, limit, |token| token.jti.to_string());
    page.next = next;
    page.count = Some(issuer.count_tokens(filter.clone()).await?);
    page.tokens = found.into_iter().map(Row::of).collect();
    show(&visitor, StatusCode::OK, Leads::Here, &page)
}

pub async fn revoke_tokens_at_console(
    app: App,
    visitor: Visitor,
    AtConsole(person): AtConsole,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let search = Search::read(&form);
    if let Some(field) = search.faults.first() {
        return Err(Problem::field(*field, "cannot be read"));
    }
    let issuer = app.issuer();
    let revoked = issuer.revoke_tokens(search.filter.clone(), &person.actor);
    let revoked = revoked.await?;
    let desk = Desk::of(&app, &visitor, person, Section::Tokens);
    let page = RevokedPage {
        frame: &desk.frame,
        post: &desk.post,
        desk: &desk,
        revoked,
        search: &search,
    };
    show(&visitor, StatusCode::OK, Leads::Here, &page)
}

/// By a form, because an address that holds a name ends in logs.
pub async fn find_person_at_console(
    app: App,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let typed = form.value("person").unwrap_or_default().trim().to_owned();
    let typed = LoginText::try_from(typed).map_err(|error| Problem::field("person", error))?;
    let user = app.issuer().find_user(&LoginName::new(&typed.0)).await?;
    see_page(&app, &format!("/admin/tokens?user={}", user.id))
}

impl TokensPage<'_> {
    /// Without a criterion it would be everything, which the issuer refuses.
    fn offers_revocation(&self) -> bool {
        let any = self.count.is_some_and(|count| count.tokens > 0);
        any && !self.search.filter.is_empty() && self.desk.may("tokens:write")
    }
}

impl Row {
    fn of(token: Recorded) -> Self {
        let issued_at = token.jti.issued_at();
        Self {
            issued_at,
            dies_at: token.class.dies_at(issued_at),
            token,
        }
    }

    fn is_revoked(&self) -> bool {
        self.token.state() == Some(TokenState::Revoked)
    }
}
