//! What must be proved before a handler runs.
//!
//! A row of the table names its [`Authority`]; [`Route`](crate::route::Route) admits no request to the handler without it. The
//! handler's state is `Door<A>`, and what the authority proves ([`Caller`](keywright_domain::session::Caller), an administrator, a
//! client) can be extracted behind that door only: a handler that needs a caller does not compile in a row without one.

use std::future::Future;
use std::marker::PhantomData;

use axum::extract::Request;
use axum::response::Response;

use crate::app::App;

mod administrator;
mod browser;
mod caller;
mod challenge;
mod client;
mod console;
mod follower;
mod leaver;
mod openid;
mod registrant;

pub use administrator::{Administrator, Scope};
pub use browser::{
    Browsing, FORM_TOKEN, LoggedIn, LoggedInForm, OwnForm, OwnLogin, PageForm, Visitor,
};
pub use caller::AnyCaller;
pub(crate) use challenge::name_resource;
pub use client::{AnyClient, ClientRequest};
pub use console::{AtConsole, Console, ConsoleForm};
pub use follower::AnyFollower;
pub use leaver::{Leaver, Leaving};
pub use openid::OpenIdCaller;
pub use registrant::{AnyRegistrant, InitialToken, Managed, ManagingClient};

/// The state of a handler behind the authority `A`.
pub struct Door<A> {
    app: App,
    authority: PhantomData<fn() -> A>,
}

/// What the reference and the coverage test say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Nothing.
    Public,
    /// The client's credentials, by Basic or in the form (RFC 6749 §2.3.1).
    Client,
    /// An initial access token, where the operator demands one of whoever registers a client (RFC 7591 §3).
    Registrant,
    /// The registration access token of the client that the path names (RFC 7592 §2).
    ManagingClient,
    /// The credentials of a client with the grant `feed`, by Basic, or an access token of a client for the issuer itself with the scope
    /// `feed:follow`.
    Follower,
    /// An access token of a standing session of one of the house's own clients, for any API of this issuer.
    Caller,
    /// An access token of a standing session with the scope `openid`, in the header or in the form (RFC 6750 §2.2).
    OpenIdCaller,
    /// The same, or a refresh token in the body.
    CallerOrRefreshToken,
    /// Nothing; cookies are read.
    Browser,
    /// That the form was sent from a page of ours in this browser.
    OwnForm,
    /// The cookie of a login.
    Login,
    /// Both.
    LoginAndOwnForm,
    /// The cookie of a young login of somebody to whom this scope of the issuer's own API is granted, or any of them.
    Console(Option<&'static str>),
    /// The same, and that the form was sent from a page of ours in this browser.
    ConsoleForm(&'static str),
    /// An access token for the issuer itself with this scope, of a standing session or of an enabled client.
    Scope(&'static str),
}

impl Required {
    /// Whether it refuses in the format of RFC 6749 §5.2 rather than with a problem document.
    pub const fn speaks_oauth(self) -> bool {
        match self {
            Required::Client | Required::Registrant | Required::ManagingClient => true,
            Required::Public
            | Required::Follower
            | Required::Caller
            | Required::OpenIdCaller
            | Required::CallerOrRefreshToken
            | Required::Browser
            | Required::OwnForm
            | Required::Login
            | Required::LoginAndOwnForm
            | Required::Console(_)
            | Required::ConsoleForm(_)
            | Required::Scope(_) => false,
        }
    }
}

/// What a refusal looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs: what the handler made of it.
    AsItIs,
    /// For people: a page.
    Page,
}

pub trait Authority: Clone + Send + Sync + 'static {
    /// Of all refusals at a row with this authority.
    const FORMAT: Format = Format::AsItIs;

    fn required(&self) -> Required;

    /// Checks the request and leaves the proof in its extensions, or answers it.
    fn admit(
        &self,
        app: &App,
        request: Request,
    ) -> impl Future<Output = Result<Request, Response>> + Send;

    /// Lets a command in that runs on the issuer's own machine, in process: whoever opened the database and the master key needs
    /// no token. Only administration knows the operator; anybody else's door has nobody to let in.
    fn admit_operator(&self, _: Request) -> Option<Request> {
        None
    }
}

/// Anybody.
#[derive(Clone, Copy, Debug)]
pub struct Public;

impl<A> Door<A> {
    pub fn new(app: App) -> Self {
        Self {
            app,
            authority: PhantomData,
        }
    }

    pub fn app(&self) -> &App {
        &self.app
    }
}

impl<A> Clone for Door<A> {
    fn clone(&self) -> Self {
        Self::new(self.app.clone())
    }
}

impl Authority for Public {
    fn required(&self) -> Required {
        Required::Public
    }

    async fn admit(&self, _: &App, request: Request) -> Result<Request, Response> {
        Ok(request)
    }
}
