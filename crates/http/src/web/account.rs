//! `/account`: what a person sees and does by themselves.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use keywright_domain::access::ConsoleError;
use keywright_domain::account::{ChangePassword, ChangePasswordError, User};
use keywright_domain::audit::Origin;
use keywright_domain::client::ClientId;
use keywright_domain::login::{Login, Overview};
use keywright_domain::ports::{ConsentedClient, PasswordsError};
use keywright_domain::session::{Session, device_name};
use keywright_domain::{LoginId, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use super::log_out::let_go;
use super::page::{Frame, Leads, Post, see_page, show};
use super::{cookie, see_login_page};
use crate::app::App;
use crate::door::{OwnLogin, PageForm, Visitor};
use crate::extract::{PathParam, Secret};
use crate::metrics::LimitedAttempt;
use crate::observe;
use crate::problem::Problem;
use crate::reason::Reason;

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct PasswordForm {
    #[schema(format = Password)]
    current_password: String,
    #[schema(format = Password)]
    new_password: String,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: &'a Frame,
    post: Post,
    user: &'a User,
    logins: Vec<Row>,
    sessions: Vec<Row>,
    consents: &'a [ConsentedClient],
    may_administer: bool,
    /// Why the password was not changed.
    refused: Option<String>,
}

/// Something that can be ended.
struct Row {
    id: String,
    what: String,
    /// RFC 3339.
    at: String,
    device: Option<String>,
    address: Option<String>,
    /// Whether it is the browser that asks.
    is_own: bool,
}

pub async fn show_account(
    app: App,
    visitor: Visitor,
    OwnLogin(own): OwnLogin,
) -> Result<Response, Problem> {
    account_page(&app, &visitor, &own, None).await
}

pub async fn end_session_by_owner(
    app: App,
    OwnLogin(own): OwnLogin,
    origin: Origin,
    PathParam(id): PathParam<SessionId>,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    if issuer.end_session_by_browser(&own, id, &origin).await? {
        see_page(&app, "/account")
    } else {
        Err(Problem::new(Reason::NotFound))
    }
}

pub async fn end_login(
    app: App,
    OwnLogin(own): OwnLogin,
    origin: Origin,
    PathParam(id): PathParam<LoginId>,
) -> Result<Response, Problem> {
    if app.issuer().end_own_login(&own, id, &origin).await? {
        see_page(&app, "/account")
    } else {
        Err(Problem::new(Reason::NotFound))
    }
}

pub async fn withdraw_own_consent(
    app: App,
    OwnLogin(own): OwnLogin,
    origin: Origin,
    PathParam(client): PathParam<ClientId>,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    issuer.withdraw_consent(own.user, &client, &origin).await?;
    see_page(&app, "/account")
}

pub async fn log_out_of_everything(
    app: App,
    OwnLogin(own): OwnLogin,
    origin: Origin,
) -> Result<Response, Problem> {
    let issuer = app.issuer();
    let over = issuer.log_out_everywhere_by_browser(&own, &origin).await?;
    let_go(&app, &over, Some(&own))
}

pub async fn change_own_password(
    app: App,
    visitor: Visitor,
    OwnLogin(own): OwnLogin,
    origin: Origin,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let secret = |name| Secret::try_from(form.value(name).unwrap_or_default().to_owned());
    let typed = (secret("current_password"), secret("new_password"));
    let (Ok(current), Ok(new)) = typed else {
        return Err(Problem::new(Reason::MalformedRequest));
    };
    let request = ChangePassword {
        current: current.0,
        new: new.0,
        origin,
    };
    match app.issuer().change_password_by_browser(&own, request).await {
        Ok((login, value)) => {
            let mut response = see_page(&app, "/account")?;
            cookie::set_login(response.headers_mut(), &login, &value, app.issuer().now());
            Ok(response)
        }
        Err(error) => {
            let says = told(&app, error)?;
            account_page(&app, &visitor, &own, Some(says)).await
        }
    }
}

/// What stands beside the form that was refused, for what the person can mend.
fn told(app: &App, error: ChangePasswordError) -> Result<String, Problem> {
    match error {
        ChangePasswordError::WrongPassword => Ok("The current password is wrong.".to_owned()),
        ChangePasswordError::WeakPassword(weak) => Ok(weak.to_string()),
        error @ (ChangePasswordError::Raced
        | ChangePasswordError::Limited(_)
        | ChangePasswordError::Passwords(
            PasswordsError::Overloaded | PasswordsError::Failed,
        )
        | ChangePasswordError::Unavailable(_)) => {
            observe::limited(app.metrics(), LimitedAttempt::Password, Err(error))
        }
    }
}

async fn account_page(
    app: &App,
    visitor: &Visitor,
    own: &Login,
    refused: Option<String>,
) -> Result<Response, Problem> {
    let Some(overview) = app.issuer().overview(own).await? else {
        return Ok(see_login_page(app));
    };
    let Overview {
        user,
        logins,
        sessions,
        consents,
    } = overview;
    let frame = Frame::of(app);
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = AccountPage {
        frame: &frame,
        post: Post::of(app, visitor),
        user: &user,
        logins: logins
            .iter()
            .map(|login| Row::of_login(login, own))
            .collect(),
        sessions: sessions.iter().map(Row::of_session).collect(),
        consents: &consents,
        may_administer: may_administer(app, own).await?,
        refused,
    };
    show(visitor, status, Leads::Here, &page)
}

/// Whether the console is open to this person, if need be after the password was typed again.
async fn may_administer(app: &App, own: &Login) -> Result<bool, Problem> {
    match app.issuer().administration(own).await {
        Ok(_) | Err(ConsoleError::TooOld) => Ok(true),
        Err(ConsoleError::NotGranted) => Ok(false),
        Err(ConsoleError::Unavailable(error)) => Err(error.into()),
    }
}

impl Row {
    /// `2026-11-22 10:46 UTC`: to the minute, and the same for whoever reads it.
    fn clock(&self) -> String {
        let minute = self.at.get(..16).unwrap_or(&self.at);
        format!("{} UTC", minute.replace('T', " "))
    }

    fn of_login(login: &Login, own: &Login) -> Self {
        Self {
            id: login.id.to_string(),
            what: device(&login.device).unwrap_or_else(|| "A browser".to_owned()),
            at: login.authenticated_at.to_string(),
            device: None,
            address: login.address.map(|address| address.to_string()),
            is_own: login.id == own.id,
        }
    }

    fn of_session(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            what: session.client.to_string(),
            at: session.last_used_at.to_string(),
            device: device(&session.device),
            address: session.address.map(|address| address.to_string()),
            is_own: false,
        }
    }
}

fn device(user_agent: &Option<String>) -> Option<String> {
    user_agent.as_deref().map(device_name)
}
