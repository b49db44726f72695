//! `/device`: a person lets a device in that shows a code (RFC 8628 §3.3).

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use http::StatusCode;
use http::header::RETRY_AFTER;
use keywright_domain::Period;
use keywright_domain::audit::Origin;
use keywright_domain::grant::device::{DecideDeviceError, DeviceAsks, DeviceDecision, UserCode};
use keywright_domain::login::Login;
use serde::Serialize;
use utoipa::ToSchema;

use super::page::{Frame, Leads, Post, render, see_page, show};
use crate::app::App;
use crate::door::{OwnLogin, PageForm, Visitor};
use crate::extract::form::Form;
use crate::problem::{Problem, retry_after};

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct DeviceForm {
    /// As the device shows it; case, hyphens and spaces do not matter.
    user_code: String,
    /// From the page that the form is on.
    csrf: String,
}

/// The form, for the reference.
#[derive(Serialize, ToSchema)]
pub struct DeviceDecisionForm {
    /// From the page that the form is on.
    user_code: String,
    /// `allow` or `deny`.
    decision: String,
    /// From the page that the form is on.
    csrf: String,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage<'a> {
    frame: &'a Frame,
    post: Post,
    user_code: &'a str,
    refused: Option<Refused>,
}

#[derive(Template)]
#[template(path = "device_confirm.html")]
struct ConfirmPage<'a> {
    frame: &'a Frame,
    post: Post,
    user_code: String,
    asks: &'a DeviceAsks,
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage<'a> {
    frame: &'a Frame,
    is_allowed: bool,
}

/// Why the page is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// No device waits under it, or none could.
    Unknown,
    Later(Period),
}

/// A code in the address is filled in and does nothing by itself: whoever sent the link may have made the code (§3.3.1, §5.4).
pub async fn show_device(
    app: App,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Form::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let user_code = query
        .value("user_code")
        .and_then(|text| text.parse::<UserCode>().ok());
    let user_code = user_code.map(|code| code.to_string()).unwrap_or_default();
    device_page(&app, &visitor, &user_code, None)
}

pub async fn enter_device_code(
    app: App,
    visitor: Visitor,
    origin: Origin,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let typed = form.value("user_code").unwrap_or_default();
    let Ok(code) = typed.parse::<UserCode>() else {
        return device_page(&app, &visitor, typed, Some(Refused::Unknown));
    };
    let Some(login) = &visitor.login else {
        return see_page(&app, &format!("/login?user_code={code}"));
    };
    ask_about_device(&app, &visitor, &code, (login, &origin)).await
}

/// Where whoever is logged in now decides about the device.
pub(super) async fn ask_about_device(
    app: &App,
    visitor: &Visitor,
    code: &UserCode,
    (login, origin): (&Login, &Origin),
) -> Result<Response, Problem> {
    match app.issuer().device_request(code, login, origin).await {
        Ok(asks) => confirm_page(app, visitor, code, &asks),
        Err(error) => device_page(app, visitor, &code.to_string(), Some(Refused::of(error)?)),
    }
}

pub async fn decide_device(
    app: App,
    visitor: Visitor,
    OwnLogin(login): OwnLogin,
    origin: Origin,
    PageForm(form): PageForm,
) -> Result<Response, Problem> {
    let decision = match form.value("decision") {
        Some("allow") => DeviceDecision::Allow,
        Some("deny") => DeviceDecision::Deny,
        Some(_) | None => return Err(Problem::field("decision", "expected `allow` or `deny`")),
    };
    let typed = form.value("user_code").unwrap_or_default();
    let Ok(code) = typed.parse::<UserCode>() else {
        return device_page(&app, &visitor, typed, Some(Refused::Unknown));
    };
    let decided = app.issuer().decide_device(&code, &login, decision, &origin);
    if let Err(error) = decided.await {
        return device_page(&app, &visitor, typed, Some(Refused::of(error)?));
    }
    let page = DonePage {
        frame: &Frame::of(&app),
        is_allowed: decision == DeviceDecision::Allow,
    };
    render(StatusCode::OK, Leads::Here, &page)
}

fn device_page(
    app: &App,
    visitor: &Visitor,
    user_code: &str,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let page = DevicePage {
        frame: &Frame::of(app),
        post: Post::of(app, visitor),
        user_code,
        refused,
    };
    let status = refused.map_or(StatusCode::OK, Refused::status);
    let mut response = show(visitor, status, Leads::Here, &page)?;
    if let Some(Refused::Later(period)) = refused {
        response
            .headers_mut()
            .insert(RETRY_AFTER, retry_after(period));
    }
    Ok(response)
}

fn confirm_page(
    app: &App,
    visitor: &Visitor,
    code: &UserCode,
    asks: &DeviceAsks,
) -> Result<Response, Problem> {
    let page = ConfirmPage {
        frame: &Frame::of(app),
        post: Post::of(app, visitor),
        user_code: code.to_string(),
        asks,
    };
    show(visitor, StatusCode::OK, Leads::Here, &page)
}

impl Refused {
    fn of(error: DecideDeviceError) -> Result<Self, Problem> {
        match error {
            DecideDeviceError::Unknown => Ok(Self::Unknown),
            DecideDeviceError::Limited(limited) => Ok(Self::Later(limited.retry_after)),
            DecideDeviceError::Unavailable(error) => Err(error.into()),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Later(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn says(self) -> String {
        match self {
            Self::Unknown => "No device waits under this code. It may have expired.".to_owned(),
            Self::Later(period) => {
                let seconds = (period.as_millis() + 999) / 1000;
                format!("Too many attempts. Try again in {seconds} s.")
            }
        }
    }
}
