//! A browser, at the pages. These doors alone read cookies, and they read nothing else: a bearer token opens no page, and a cookie
//! opens no API.
//!
//! | authority | proves |
//! |---|---|
//! | [`Browsing`] | nothing; whoever is logged in is known |
//! | [`OwnForm`] | that the form was sent from a page of ours in this browser |
//! | [`LoggedIn`] | that somebody is logged in |
//! | [`LoggedInForm`] | both |
//!
//! The console has doors of its own, which build on these.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use keywright_domain::login::Login;
use keywright_domain::secret::PlainSecret;

use super::caller::admitted;
use super::{Authority, Door, Format, Required};
use crate::app::App;
use crate::extract::form::{Form, FormRefused};
use crate::problem::Problem;
use crate::reason::Reason;
use crate::web::{cookie, see_login_page};

/// A page that anybody may open.
#[derive(Clone, Copy, Debug)]
pub struct Browsing;

/// A form that anybody may send, from a page of ours.
#[derive(Clone, Copy, Debug)]
pub struct OwnForm;

/// A page of somebody who is logged in. Anybody else is sent to the login page.
#[derive(Clone, Copy, Debug)]
pub struct LoggedIn;

/// A form of somebody who is logged in, from a page of ours.
#[derive(Clone, Copy, Debug)]
pub struct LoggedInForm;

/// The browser that asks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The cookie that its forms' tokens are made from.
    pub visit: PlainSecret,
    /// Whether the browser has yet to be given it.
    pub is_new: bool,
    pub login: Option<Login>,
}

/// The login of the browser that asks, where there must be one.
#[derive(Clone, Debug)]
pub struct OwnLogin(pub Login);

/// What a page's form sent, its token aside, which was right.
#[derive(Clone, Debug)]
pub struct PageForm(pub Form);

/// The field of the token that each form of ours carries.
pub const FORM_TOKEN: &str = "csrf";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Authority for Browsing {
    const FORMAT: Format = Format::Page;

    fn required(&self) -> Required {
        Required::Browser
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        visiting(app, request).await
    }
}

impl Authority for OwnForm {
    const FORMAT: Format = Format::Page;

    fn required(&self) -> Required {
        Required::OwnForm
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let request = visiting(app, request).await?;
        sent_by_us(app, request).await
    }
}

impl Authority for LoggedIn {
    const FORMAT: Format = Format::Page;

    fn required(&self) -> Required {
        Required::Login
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let request = visiting(app, request).await?;
        logged_in(request).ok_or_else(|| see_login_page(app))
    }
}

impl Authority for LoggedInForm {
    const FORMAT: Format = Format::Page;

    fn required(&self) -> Required {
        Required::LoginAndOwnForm
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let request = visiting(app, request).await?;
        let request = logged_in(request).ok_or_else(|| see_login_page(app))?;
        sent_by_us(app, request).await
    }
}

/// Leaves the [`Visitor`] in the request.
pub(super) async fn visiting(app: &App, mut request: Request) -> Result<Request, Response> {
    let headers = request.headers();
    let login = match cookie::value(headers, cookie::LOGIN) {
        Some(value) => app.issuer().login_of_cookie(&value).await,
        None => Ok(None),
    };
    let login = login.map_err(|error| Problem::from(error).into_response())?;
    let visit = cookie::value(headers, cookie::VISIT);
    let visitor = Visitor {
        is_new: visit.is_none(),
        visit: visit.unwrap_or_else(|| app.issuer().new_visit()),
        login,
    };
    request.extensions_mut().insert(visitor);
    Ok(request)
}

/// Leaves the [`OwnLogin`] in the request, if there is one.
fn logged_in(mut request: Request) -> Option<Request> {
    let visitor: &Visitor = request.extensions().get()?;
    let login = OwnLogin(visitor.login.clone()?);
    request.extensions_mut().insert(login);
    Some(request)
}

/// Leaves the [`PageForm`] in the request, if it was sent from a page of ours in this browser.
pub(super) async fn sent_by_us(app: &App, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let form = if is_from_elsewhere(app, &parts.headers) {
        Err(Problem::new(Reason::ForeignForm))
    } else {
        own_form(app, &parts, body).await
    };
    parts
        .extensions
        .insert(form.map_err(IntoResponse::into_response)?);
    Ok(Request::from_parts(parts, Body::empty()))
}

async fn own_form(app: &App, parts: &Parts, body: Body) -> Result<PageForm, Problem> {
    let form = Form::read(&parts.headers, body).await?;
    let visitor: Option<&Visitor> = parts.extensions.get();
    let token = visitor.map(|visitor| app.issuer().form_token(&visitor.visit));
    match token.zip(form.value(FORM_TOKEN)) {
        Some((own, presented)) if own.matches(presented) => Ok(PageForm(form)),
        Some(_) | None => Err(Problem::new(Reason::ForeignForm)),
    }
}

/// What the browser itself says of who sent the form, where it says anything; the token decides in any case. Our pages let it tell
/// `Origin` the truth (`web/page.rs`), so `null` is somebody else.
fn is_from_elsewhere(app: &App, headers: &HeaderMap) -> bool {
    match (
        headers.get(SEC_FETCH_SITE),
        headers.get(http::header::ORIGIN),
    ) {
        (Some(site), _) => site != "same-origin",
        (None, Some(origin)) => origin != app.issuer().policy().issuer.origin(),
        (None, None) => false,
    }
}

impl From<FormRefused> for Problem {
    fn from(refused: FormRefused) -> Self {
        match refused {
            FormRefused::Body(refused) => refused.into(),
            FormRefused::NotUrlEncoded(refused) => {
                Problem::new(Reason::MalformedRequest).with_detail(refused.to_string())
            }
        }
    }
}

/// Handlers behind these doors may extract that proof.
macro_rules! behind {
    ($($proof:ty: $($door:ty),+;)+) => {$($(
        impl FromRequestParts<Door<$door>> for $proof {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &Door<$door>) -> Result<Self, Problem> {
                admitted(parts)
            }
        }
    )+)+};
}

pub(super) use behind;

behind! {
    Visitor: Browsing, OwnForm, LoggedIn, LoggedInForm;
    PageForm: OwnForm, LoggedInForm;
    OwnLogin: LoggedIn, LoggedInForm;
}
