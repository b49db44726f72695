//! Whoever may open the console: a person who logged in to this browser a short time ago, and to whom a role grants the scope that the
//! admin API demands for the same.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use keywright_domain::access::{Administration, ConsoleError};

use super::browser::{PageForm, Visitor, behind, sent_by_us, visiting};
use super::caller::admitted;
use super::{Authority, Door, Format, Required};
use crate::app::App;
use crate::problem::Problem;
use crate::reason::Reason;
use crate::web::see_login_for_console;

/// A page of the console, for whom this scope of the issuer's own API is granted; `None`: any of them.
#[derive(Clone, Copy, Debug)]
pub struct Console(pub Option<&'static str>);

/// A form of the console, from a page of ours.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleForm(pub &'static str);

/// Who is at the console.
#[derive(Clone, Debug)]
pub struct AtConsole(pub Administration);

impl Authority for Console {
    const FORMAT: Format = Format::Page;

    fn required(&self) -> Required {
        Required::Console(self.0)
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        administering(app, request, self.0).await
    }
}

impl Authority for ConsoleForm {
    const FORMAT: Format = Format::Page;

    fn required(&self) -> Required {
        Required::ConsoleForm(self.0)
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let request = administering(app, request, Some(self.0)).await?;
        sent_by_us(app, request).await
    }
}

/// Leaves the [`AtConsole`] in the request.
async fn administering(
    app: &App,
    request: Request,
    scope: Option<&str>,
) -> Result<Request, Response> {
    let mut request = visiting(app, request).await?;
    let visitor: Option<&Visitor> = request.extensions().get();
    let Some(login) = visitor.and_then(|visitor| visitor.login.as_ref()) else {
        return Err(see_login_for_console(app));
    };
    let refused = |problem: Problem| problem.into_response();
    let person = match app.issuer().administration(login).await {
        Ok(person) => person,
        Err(ConsoleError::TooOld) => return Err(see_login_for_console(app)),
        Err(ConsoleError::NotGranted) => return Err(refused(Problem::new(Reason::NotGranted))),
        Err(ConsoleError::Unavailable(error)) => return Err(refused(error.into())),
    };
    if scope.is_some_and(|scope| !person.granted.contains(scope)) {
        return Err(refused(Problem::new(Reason::NotGranted)));
    }
    request.extensions_mut().insert(AtConsole(person));
    Ok(request)
}

behind! {
    AtConsole: Console, ConsoleForm;
    Visitor: Console, ConsoleForm;
    PageForm: ConsoleForm;
}
