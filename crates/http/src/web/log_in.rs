//! `/login`

use askama::Template;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use keywright_domain::Period;
use keywright_domain::access::ConsoleError;
use keywright_domain::account::{LoginName, ProofRefused};
use keywright_domain::audit::Origin;
use keywright_domain::authorize::{Authorization, Waiting};
use keywright_domain::grant::device::UserCode;
use keywright_domain::login::{LogInBrowser, Login};
use keywright_domain::ports::PasswordsError;
use serde::Serialize;
use utoipa::ToSchema;

use super::cookie;
use super::device::ask_about_device;
use super::page::{Frame, Leads, Post, see_page, show};
use crate::app::App;
use crate::door::{PageForm, Visitor};
use crate::extract::form::Form;
use crate::extract::{LoginText, Secret};
use crate::oauth::answer_browser;
use crate::observe;
use crate::problem::{Problem, retry_after};
use crate::problem_map::SOON;

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct LogInForm {
    /// The user name or the e-mail address.
    username: String,
    #[schema(format = Password)]
    password: String,
    /// From the page that the form is on, if it was shown for a client's sake.
    ticket: Option<String>,
    /// From the page that the form is on, if the person came to let a device in.
    user_code: Option<String>,
    /// From the page that the form is on, if the person came to the console: `console`.
    to: Option<String>,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    frame: &'a Frame,
    post: Post,
    /// What was typed before.
    username: &'a str,
    refused: Option<Refused>,
    /// The client that sent the person here.
    waiting: Option<&'a Waiting>,
    onward: &'a Onward,
    /// Somebody is logged in, and it is too long ago.
    is_again: bool,
}

/// Where whoever has logged in goes, if no client waits. A name of ours or a code and nothing else: an address that came from outside
/// would send people away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Onward {
    #[default]
    Account,
    Console,
    /// The device that the person came to let in.
    Device(UserCode),
}

/// Why the page is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// One text for whatever was wrong (invariant 7).
    Wrong,
    Incomplete,
    Later(Period),
}

pub async fn show_login(
    app: App,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Form::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let onward = Onward::of(&query);
    let is_again = match &visitor.login {
        None => false,
        Some(login) => onward == Onward::Console && is_too_old(&app, login).await?,
    };
    if visitor.login.is_some() && !is_again {
        return see_page(&app, &onward.path());
    }
    let shown = Shown {
        onward,
        is_again,
        ..Shown::default()
    };
    login_page(&app, &visitor, shown)
}

/// Whoever may see the console may have to type the password again for it.
async fn is_too_old(app: &App, login: &Login) -> Result<bool, Problem> {
    match app.issuer().administration(login).await {
        Err(ConsoleError::TooOld) => Ok(true),
        Ok(_) | Err(ConsoleError::NotGranted) => Ok(false),
        Err(ConsoleError::Unavailable(error)) => Err(error.into()),
    }
}

const TO: &str = "to";
const CONSOLE: &str = "console";

impl Onward {
    fn of(form: &Form) -> Self {
        let code = form.value("user_code").and_then(|code| code.parse().ok());
        match (code, form.value(TO)) {
            (Some(code), _) => Self::Device(code),
            (None, Some(CONSOLE)) => Self::Console,
            (None, _) => Self::Account,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Account => "/account".to_owned(),
            Self::Console => "/admin".to_owned(),
            Self::Device(code) => format!("/device?user_code={code}"),
        }
    }
}

/// For whom the console is closed until the password was typed.
pub fn see_login_for_console(app: &App) -> Response {
    let path = format!("/login?{TO}={CONSOLE}");
    see_page(app, &path).unwrap_or_else(IntoResponse::into_response)
}

/// For a request that waits for a login.
pub fn login_page_for(
    app: &App,
    visitor: &Visitor,
    waiting: &Waiting,
) -> Result<Response, Problem> {
    let shown = Shown {
        username: waiting.login_hint.as_deref().unwrap_or_default(),
        waiting: Some(waiting),
        ..Shown::default()
    };
    login_page(app, visitor, shown)
}

pub async fn log_in_by_form(
    app: App,
    visitor: Visitor,
    origin: Origin,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    // Before anything else: a page that has expired must not end with somebody logged in who goes nowhere.
    let waiting = match form.value("ticket") {
        Some(ticket) => match app.issuer().resume(ticket, None, None, &origin).await {
            Ok(Authorization::LogIn(waiting)) => Some(waiting),
            other => return answer_browser(&app, &visitor, other),
        },
        None => None,
    };
    let onward = Onward::of(&form);
    let shown = Shown {
        username: form.value("username").unwrap_or_default(),
        waiting: waiting.as_ref(),
        onward: onward.clone(),
        ..Shown::default()
    };
    let Some((name, password)) = typed(&form) else {
        return login_page(&app, &visitor, shown.refused(Refused::Incomplete));
    };
    let attempt = LogInBrowser {
        name,
        password: password.0,
        origin: origin.clone(),
        replaces: visitor.login.as_ref().map(|login| login.id),
    };
    let answer = app.issuer().log_in_browser(attempt).await;
    observe::browser_login(app.metrics(), &answer);
    let (login, value) = match answer {
        Ok(logged_in) => logged_in,
        Err(refused) => return login_page(&app, &visitor, shown.refused(Refused::of(refused)?)),
    };
    let mut response = match (&waiting, &onward) {
        (Some(waiting), _) => go_on(&app, &visitor, &login, (waiting, &origin)).await?,
        // The person has typed the code, or gone on with it, before they came to log in.
        (None, Onward::Device(code)) => {
            ask_about_device(&app, &visitor, code, (&login, &origin)).await?
        }
        (None, Onward::Account | Onward::Console) => see_page(&app, &onward.path())?,
    };
    cookie::set_login(response.headers_mut(), &login, &value, app.issuer().now());
    Ok(response)
}

/// Where the client's request leads now.
async fn go_on(
    app: &App,
    visitor: &Visitor,
    login: &Login,
    (waiting, origin): (&Waiting, &Origin),
) -> Result<Response, Problem> {
    let resumed = app
        .issuer()
        .resume(&waiting.ticket, Some(login), None, origin);
    answer_browser(app, visitor, resumed.await)
}

/// `None` if a field is empty, or holds what no account has.
fn typed(form: &Form) -> Option<(LoginName, Secret)> {
    let name = LoginText::try_from(form.value("username")?.to_owned()).ok()?;
    let password = Secret::try_from(form.value("password")?.to_owned()).ok()?;
    Some((LoginName::new(&name.0), password))
}

/// What the page says besides its fields.
#[derive(Clone, Default)]
struct Shown<'a> {
    username: &'a str,
    waiting: Option<&'a Waiting>,
    onward: Onward,
    is_again: bool,
    refused: Option<Refused>,
}

impl Shown<'_> {
    fn refused(self, refused: Refused) -> Self {
        Self {
            refused: Some(refused),
            ..self
        }
    }
}

fn login_page(app: &App, visitor: &Visitor, shown: Shown<'_>) -> Result<Response, Problem> {
    let frame = Frame::of(app);
    let refused = shown.refused;
    let page = LoginPage {
        frame: &frame,
        post: Post::of(app, visitor),
        username: shown.username,
        refused,
        waiting: shown.waiting,
        onward: &shown.onward,
        is_again: shown.is_again,
    };
    let status = refused.map_or(StatusCode::OK, Refused::status);
    let mut response = show(visitor, status, Leads::Away, &page)?;
    if let Some(Refused::Later(period)) = refused {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, retry_after(period));
    }
    Ok(response)
}

impl Refused {
    fn of(refused: ProofRefused) -> Result<Self, Problem> {
        match refused {
            ProofRefused::Refused => Ok(Self::Wrong),
            ProofRefused::Limited(limited) => Ok(Self::Later(limited.retry_after)),
            ProofRefused::Passwords(PasswordsError::Overloaded) => Ok(Self::Later(SOON)),
            ProofRefused::Passwords(error @ PasswordsError::Failed) => Err(error.into()),
            ProofRefused::Unavailable(error) => Err(error.into()),
        }
    }

    /// Password managers keep nothing that was answered with an error. Not 401: it must name a scheme that the browser itself could
    /// log in by (RFC 9110 §15.5.2), and there is none.
    fn status(self) -> StatusCode {
        match self {
            Self::Wrong | Self::Incomplete => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Later(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn says(self) -> String {
        match self {
            Self::Wrong => {
                "That name and password do not fit together, or the account is not ready for use."
                    .to_owned()
            }
            Self::Incomplete => "Enter your name and your password.".to_owned(),
            Self::Later(period) => {
                let seconds = (period.as_millis() + 999) / 1000;
                format!("Too many attempts. Try again in {seconds} s.")
            }
        }
    }
}
