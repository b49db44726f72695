//! The whole stack. One service around each route instead of a tower of layers: each layer of axum boxes its future and clones
//! what is below it for every request, and the order is easier to see in one place.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use http::header;
use keywright_domain::Period;
use keywright_domain::client::ClientCertificate;
use tower::Layer;
use tower_service::Service;
use tracing::{Instrument, Span};

use super::ProxiesHandle;
use super::body::{self, Received};
use super::client_address::Client;
use super::exchange::{Exchange, InFlight};
use super::outcome::{Outcome, outcome};
use super::request_id::{RequestId, RequestIds, X_REQUEST_ID};
use super::{Arrival, fallback};
use crate::metrics::{Metrics, RequestMetrics, RouteMetrics};
use crate::server::Peer;
use crate::{Problem, Reason};

/// Who was not let in for lack of room may come back after this.
const COME_BACK: Period = Period::secs(1);
/// The template of requests that match no route.
const UNMATCHED: &str = "unmatched";

#[derive(Clone, Debug)]
pub struct StackConfig {
    pub proxies: ProxiesHandle,
    /// Whether clients that are not on this machine must come by HTTPS: set it when the issuer is `https`.
    pub https_required: bool,
    /// The longest request body in bytes.
    pub body_limit: usize,
    /// From a request's head to its response's head; a response that streams may go on.
    pub request_timeout: Duration,
    /// Requests at once; more are refused, so that those inside stay fast.
    pub in_flight: i64,
    /// Route templates that orchestrators and scrapers ask from inside: answered over plain HTTP, and when the server is full,
    /// because a busy node that is restarted for being busy helps nobody.
    pub probes: &'static [&'static str],
    /// Route templates that machines ask for all day long: their successes are logged at debug, everything else at info.
    pub quiet: &'static [&'static str],
    /// Random; makes request ids differ from those of other processes.
    pub request_id_seed: u64,
}

impl Default for StackConfig {
    fn default() -> Self {
        Self {
            proxies: ProxiesHandle::default(),
            https_required: true,
            body_limit: 64 * 1024,
            request_timeout: Duration::from_secs(30),
            in_flight: 4096,
            probes: &["/healthz", "/readyz", "/metrics"],
            quiet: &[
                "/healthz",
                "/readyz",
                "/metrics",
                "/.well-known/jwks.json",
                "/.well-known/openid-configuration",
                "/.well-known/oauth-authorization-server",
                "/status",
                "/status/{list}",
                "/feed/report",
            ],
            request_id_seed: 0,
        }
    }
}

/// Puts the stack around every route of `router`, and answers what no route answers.
pub fn stack(router: Router, config: StackConfig, metrics: &Metrics) -> Router {
    let shared = Arc::new(Stack {
        request_ids: RequestIds::new(config.request_id_seed),
        requests: metrics.requests(),
        config,
    });
    router
        .fallback(fallback::not_found)
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(Around(shared))
        // Puts the stack around the routes now. Without it axum does so again for every request.
        .with_state(())
}

struct Stack {
    config: StackConfig,
    request_ids: RequestIds,
    requests: RequestMetrics,
}

#[derive(Clone)]
struct Around(Arc<Stack>);

/// A route with the stack around it.
#[derive(Clone)]
struct Guarded {
    route: Route,
    place: Arc<Place>,
}

/// What one route's requests share: its template is looked up at the first of them.
struct Place {
    stack: Arc<Stack>,
    known: OnceLock<Arc<Known>>,
}

pub(super) struct Known {
    pub metrics: RouteMetrics,
    pub is_quiet: bool,
    is_probe: bool,
}

impl Layer<Route> for Around {
    type Service = Guarded;

    fn layer(&self, route: Route) -> Guarded {
        let place = Place {
            stack: self.0.clone(),
            known: OnceLock::new(),
        };
        Guarded {
            route,
            place: Arc::new(place),
        }
    }
}

impl Service<Request> for Guarded {
    type Response = Response;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let known = self.place.known(&request);
        let stack = self.place.stack.clone();

        // 1. Who asks, and by what name the log will call it: everything below reports with these.
        let client = stack.client(&request);
        let arrival = Arrival {
            address: client.map(|client| client.address),
            https: client.is_some_and(|client| client.https),
            certificate: stack.certificate(&request),
            request_id: stack.request_id(&request),
        };
        // 2. Count it in, and out again however it ends: answered, panicked, or dropped because the client went away.
        let mut exchange = Exchange::begin(request.method(), &arrival, known.clone());

        // 3. What must not pass is refused before any handler runs, cheapest and most general first.
        let in_flight = match stack.admit(&request, &arrival, &known) {
            Ok(in_flight) => in_flight,
            Err(problem) => {
                let response = exchange.finish(problem.into_response());
                return Box::pin(std::future::ready(Ok(response)));
            }
        };

        let span = known.span(&arrival.request_id);
        request.extensions_mut().insert(arrival);
        // 4. The body is bounded as it is read: its length may not be declared, or not be true.
        let (request, received) = body::bound(request, stack.config.body_limit);
        let answer = self.route.call(request);
        let answering = async move {
            // 5. A panic ends this request, not the connection and the other requests on it. The timeout is around the
            //    handler and inside the count: a handler that hangs gives its place back.
            let response = match outcome(answer, stack.config.request_timeout).await {
                Outcome::Answered(response) => response,
                Outcome::Panicked => exchange.panicked(&stack.requests).into_response(),
                Outcome::Late => late(&received).into_response(),
            };
            drop(in_flight);
            // 6. Whatever answered, the response leaves with the security headers and its id, counted and logged.
            Ok(exchange.finish(response))
        };
        Box::pin(answering.instrument(span))
    }
}

impl Known {
    /// Around everything that is logged while a request is handled, so that each line can be joined to it.
    fn span(&self, id: &RequestId) -> Span {
        if self.is_quiet {
            tracing::debug_span!(target: "http.request", "request", %id)
        } else {
            tracing::info_span!(target: "http.request", "request", %id)
        }
    }
}

impl Place {
    fn known(&self, request: &Request) -> Arc<Known> {
        let find = || {
            let template = request
                .extensions()
                .get::<MatchedPath>()
                .map_or(UNMATCHED, MatchedPath::as_str);
            Arc::new(Known {
                metrics: self.stack.requests.route(template),
                is_quiet: self.stack.config.quiet.contains(&template),
                is_probe: self.stack.config.probes.contains(&template),
            })
        };
        self.known.get_or_init(find).clone()
    }
}

impl Stack {
    /// `None`: called in process, with no connection.
    fn client(&self, request: &Request) -> Option<Client> {
        let peer = request.extensions().get::<Peer>()?;
        let proxies = self.config.proxies.current();
        Some(proxies.client(peer, request.headers()))
    }

    fn certificate(&self, request: &Request) -> Option<ClientCertificate> {
        let peer = request.extensions().get::<Peer>()?;
        let proxies = self.config.proxies.current();
        proxies.certificate(peer, request.headers())
    }

    /// A trusted proxy's name for the request goes on, so that its log and ours can be joined. A stranger's does not: two
    /// requests under one name make a log that cannot be trusted.
    fn request_id(&self, request: &Request) -> RequestId {
        let from_proxy = || {
            let peer = request.extensions().get::<Peer>()?;
            let value = request.headers().get(X_REQUEST_ID)?;
            self.config
                .proxies
                .current()
                .contains(peer.address.ip())
                .then(|| RequestId::accept(value))
                .flatten()
        };
        from_proxy().unwrap_or_else(|| self.request_ids.make())
    }

    fn admit(
        &self,
        request: &Request,
        arrival: &Arrival,
        known: &Known,
    ) -> Result<InFlight, Problem> {
        let in_flight = InFlight::enter(&self.requests.in_flight);
        if in_flight.count > self.config.in_flight && !known.is_probe {
            self.requests.shed.inc();
            return Err(Problem::new(Reason::Overloaded).with_retry_after(COME_BACK));
        }
        // Not a redirect: what had to be secret has travelled in clear already, and a client that is redirected does it again.
        let on_this_machine = arrival.address.is_some_and(|address| address.is_loopback());
        if self.config.https_required && !arrival.https && !on_this_machine && !known.is_probe {
            return Err(Problem::new(Reason::HttpsRequired));
        }
        // Refused before the client is told to go on sending (RFC 9110 §10.1.1).
        if declared_length(request).is_some_and(|length| length > self.config.body_limit as u64) {
            return Err(Problem::new(Reason::BodyTooLarge));
        }
        Ok(in_flight)
    }
}

fn declared_length(request: &Request) -> Option<u64> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Time ran out: while the client was still sending, that is its own slowness; afterwards it is ours.
fn late(received: &Received) -> Problem {
    if received.whole() {
        Problem::new(Reason::Timeout)
    } else {
        Problem::new(Reason::RequestTimeout)
    }
}
