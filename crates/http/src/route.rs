//! One row of the table, and how it becomes an endpoint.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode};
use utoipa::openapi::path::Parameter;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::cross_origin::{CrossOrigin, with_preflights};
use crate::door::{Authority, Door, Format, Required, name_resource};
use crate::extract::no_query;
use crate::openapi::Shape;
use crate::problem::Problem;
use crate::reason::Reason;
use crate::web::{Html, as_page};

/// How a browser is kept from sending the request on somebody else's behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Csrf {
    /// Nothing that a browser sends by itself, such as a cookie, is read: there is no authority to borrow.
    NoAmbientAuthority,
    /// Cookies are read, and nothing is changed but what the request itself proves to be meant: an ID token of the person, to log out.
    ChangesNothing,
    /// Cookies are read. What the browser says of the sender must not name another site, and the form must carry the token that
    /// only our pages in this browser have.
    FormToken,
}

/// Which limits of the domain apply. They count failures; what succeeds costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    Unlimited,
    /// Failures per account and per network.
    Guesses,
    /// Letters per address and per network.
    Letters,
    /// Failures per client and network.
    Clients,
    /// Clients that register themselves, per network.
    Registrations,
}

/// Where requests come from, which decides what must be proved.
#[derive(Clone, Copy)]
pub(crate) enum Entrance {
    /// Anybody's request: the row's authority is proved.
    Network,
    /// A command on the issuer's own machine, in process.
    Operator,
}

type Mount = Box<dyn Fn(&App, Place) -> MethodRouter + Send + Sync>;

/// Where and how a row is mounted.
#[derive(Clone, Copy)]
struct Place {
    entrance: Entrance,
    strictness: Strictness,
    cross_origin: CrossOrigin,
}

/// Whether a query string that the row does not describe is refused.
#[derive(Clone, Copy, PartialEq)]
enum Strictness {
    /// Caches and probes add parameters of their own to what is public.
    AnyQuery,
    /// Administrators' requests: a filter that is spelled wrong must not answer as if it had been none.
    DescribedQuery,
}

/// A row: everything that the router, the reference and the authorization-coverage test need to know of an endpoint.
pub struct Route {
    pub method: Method,
    /// A template as axum and OpenAPI both write it: `/v1/sessions/{id}`.
    pub path: &'static str,
    /// The handler's name; the reference's operation id.
    pub name: &'static str,
    pub required: Required,
    pub csrf: Csrf,
    pub rate: Rate,
    pub cross_origin: CrossOrigin,
    pub summary: &'static str,
    /// Of the answer when all goes well.
    pub status: StatusCode,
    pub(crate) request: Option<Shape>,
    pub(crate) answer: Option<Shape>,
    pub(crate) query: Vec<Parameter>,
    mount: Mount,
}

impl Route {
    /// A handler, behind what must be proved first. There is no other way to make a row.
    fn new<A, H, T>(
        (method, filter): (Method, MethodFilter),
        path: &'static str,
        authority: A,
        handler: H,
        summary: &'static str,
    ) -> Self
    where
        A: Authority,
        H: Handler<T, Door<A>> + Sync,
        T: 'static,
    {
        let required = authority.required();
        let mount = move |app: &App, place: Place| {
            let door = Door::<A>::new(app.clone());
            let (authority, handler) = (authority.clone(), handler.clone());
            on(filter, move |request: Request| async move {
                let admitted = match place.entrance {
                    Entrance::Network => authority.admit(door.app(), request).await,
                    Entrance::Operator => authority
                        .admit_operator(request)
                        .ok_or_else(|| Problem::new(Reason::TokenRequired).into_response()),
                };
                let app = door.app().clone();
                let response = match admitted {
                    Ok(request) => match place.strictness.check(&request) {
                        Ok(()) => handler.call(request, door).await,
                        Err(problem) => problem.into_response(),
                    },
                    Err(refusal) => refusal,
                };
                let response = name_resource(response, &app.issuer().policy().issuer);
                let response = match A::FORMAT {
                    Format::AsItIs => response,
                    Format::Page => as_page(&app, response),
                };
                place.cross_origin.complete(response)
            })
        };
        Self {
            method,
            path,
            name: last_segment(std::any::type_name::<H>()),
            required,
            csrf: Csrf::of(required),
            rate: Rate::Unlimited,
            cross_origin: CrossOrigin::Closed,
            summary,
            status: StatusCode::OK,
            request: None,
            answer: None,
            query: Vec::new(),
            mount: Box::new(mount),
        }
    }

    fn strictness(&self) -> Strictness {
        if matches!(self.required, Required::Scope(_)) && self.query.is_empty() {
            Strictness::DescribedQuery
        } else {
            Strictness::AnyQuery
        }
    }

    #[must_use]
    pub(crate) fn takes<B: ToSchema>(mut self) -> Self {
        self.request = Some(Shape::of::<B>("application/json"));
        self
    }

    #[must_use]
    pub(crate) fn takes_form<B: ToSchema>(mut self) -> Self {
        self.request = Some(Shape::of::<B>("application/x-www-form-urlencoded"));
        self
    }

    #[must_use]
    pub(crate) fn query<Q: IntoParams>(mut self) -> Self {
        self.query = Q::into_params(|| Some(utoipa::openapi::path::ParameterIn::Query));
        self
    }

    #[must_use]
    pub(crate) fn answers<B: ToSchema>(mut self, status: StatusCode) -> Self {
        self.status = status;
        self.answer = Some(Shape::of::<B>("application/json"));
        self
    }

    /// Answers a stream of events (WHATWG HTML §9.2); `E` describes one of them.
    #[must_use]
    pub(crate) fn streams<E: ToSchema>(mut self) -> Self {
        self.answer = Some(Shape::of::<E>("text/event-stream"));
        self
    }

    /// Answers a page, or 303 to one.
    #[must_use]
    pub(crate) fn answers_page(mut self) -> Self {
        self.answer = Some(Shape::of::<Html>("text/html"));
        self
    }

    /// Answers a JWT of a type of its own.
    #[must_use]
    pub(crate) fn answers_jwt<B: ToSchema>(mut self, media_type: &'static str) -> Self {
        self.answer = Some(Shape::of::<B>(media_type));
        self
    }

    #[must_use]
    pub(crate) const fn answers_nothing(mut self) -> Self {
        self.status = StatusCode::NO_CONTENT;
        self
    }

    /// Apps in browsers call it from origins of their own. For rows that read no cookie.
    #[must_use]
    pub(crate) const fn for_browser_apps(mut self) -> Self {
        self.cross_origin = CrossOrigin::Open;
        self
    }

    #[must_use]
    pub(crate) const fn limited(mut self, rate: Rate) -> Self {
        self.rate = rate;
        self
    }
}

impl Csrf {
    const fn of(required: Required) -> Self {
        match required {
            Required::Public
            | Required::Client
            | Required::Registrant
            | Required::ManagingClient
            | Required::Follower
            | Required::Caller
            | Required::OpenIdCaller
            | Required::CallerOrRefreshToken
            | Required::Scope(_) => Self::NoAmbientAuthority,
            Required::Browser | Required::Login | Required::Console(_) => Self::ChangesNothing,
            Required::OwnForm | Required::LoginAndOwnForm | Required::ConsoleForm(_) => {
                Self::FormToken
            }
        }
    }
}

macro_rules! verbs {
    ($($verb:ident = $method:ident),+) => {$(
        /// A row of this method.
        pub(crate) fn $verb<A, H, T>(
            path: &'static str,
            authority: A,
            handler: H,
            summary: &'static str,
        ) -> Route
        where
            A: Authority,
            H: Handler<T, Door<A>> + Sync,
            T: 'static,
        {
            Route::new((Method::$method, MethodFilter::$method), path, authority, handler, summary)
        }
    )+};
}

verbs!(
    get = GET,
    post = POST,
    put = PUT,
    patch = PATCH,
    delete = DELETE
);

/// Puts each row in its place. Give it some of the rows to serve those alone, such as `/metrics` on an address of its own.
pub fn mount(routes: &[Route], app: &App) -> Router {
    mount_at(routes, app, Entrance::Network)
}

pub(crate) fn mount_at(routes: &[Route], app: &App, entrance: Entrance) -> Router {
    let router = routes.iter().fold(Router::new(), |router, route| {
        let place = Place {
            entrance,
            strictness: route.strictness(),
            cross_origin: route.cross_origin,
        };
        router.route(route.path, (route.mount)(app, place))
    });
    let is_open = |route: &&Route| route.cross_origin == CrossOrigin::Open;
    let open = routes.iter().filter(is_open).map(|route| route.path);
    with_preflights(router, open.collect())
}

impl Strictness {
    fn check(self, request: &Request) -> Result<(), Problem> {
        match self {
            Self::AnyQuery => Ok(()),
            Self::DescribedQuery => no_query(request.uri()),
        }
    }
}

/// `keywright_http::api::login::log_in` is `log_in`.
fn last_segment(type_name: &'static str) -> &'static str {
    type_name.rsplit("::").next().unwrap_or(type_name)
}
