//! HTTP requests by route template, method and outcome.

use std::sync::OnceLock;
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::label::{Label, labels};

labels! {
    /// A request's method. Whatever a client invents is `OTHER`.
    MethodLabel {
        Get = "GET",
        Post = "POST",
        Put = "PUT",
        Patch = "PATCH",
        Delete = "DELETE",
        Head = "HEAD",
        Options = "OPTIONS",
        Other = "OTHER",
    }

    /// How a request ended.
    RequestEnd {
        Success = "2xx",
        Redirection = "3xx",
        ClientError = "4xx",
        ServerError = "5xx",
        /// The client went away before there was an answer.
        Aborted = "aborted",
    }
}

/// Upper bounds in seconds: from a cached document to a login that waits for the hash pool.
const DURATIONS: [f64; 14] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];

const METHODS: usize = MethodLabel::ALL.len();
const ENDS: usize = RequestEnd::ALL.len();

type Labels<const N: usize> = [(&'static str, String); N];

#[derive(Clone, Debug)]
pub(crate) struct RequestMetrics {
    ended: Family<Labels<3>, Counter>,
    durations: Family<Labels<2>, Histogram, fn() -> Histogram>,
    pub in_flight: Gauge,
    pub shed: Counter,
    pub panicked: Counter,
}

/// The series of one route. Each is made when it is first needed, so that the exposition does not list what never happens, and
/// found without hashing afterwards.
#[derive(Debug)]
pub(crate) struct RouteMetrics {
    route: String,
    all: RequestMetrics,
    ended: [[OnceLock<Counter>; ENDS]; METHODS],
    durations: [OnceLock<Histogram>; METHODS],
}

impl RequestMetrics {
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            ended: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
            in_flight: Gauge::default(),
            shed: Counter::default(),
            panicked: Counter::default(),
        };
        registry.register(
            "http_requests",
            "HTTP requests by how they ended",
            metrics.ended.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "Time from a request's head to its response's head",
            metrics.durations.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "HTTP requests being answered now",
            metrics.in_flight.clone(),
        );
        registry.register(
            "http_requests_shed",
            "HTTP requests refused because too many were in flight",
            metrics.shed.clone(),
        );
        registry.register(
            "http_requests_panicked",
            "HTTP requests whose handler panicked",
            metrics.panicked.clone(),
        );
        metrics
    }

    pub fn route(&self, template: &str) -> RouteMetrics {
        RouteMetrics {
            route: template.to_owned(),
            all: self.clone(),
            ended: Default::default(),
            durations: Default::default(),
        }
    }
}

impl RouteMetrics {
    pub fn template(&self) -> &str {
        &self.route
    }

    pub fn ended(&self, method: MethodLabel, end: RequestEnd, took: Duration) {
        self.ended[method as usize][end as usize]
            .get_or_init(|| {
                let labels = [
                    ("route", self.route.clone()),
                    ("method", method.as_str().to_owned()),
                    ("status", end.as_str().to_owned()),
                ];
                self.all.ended.get_or_create_owned(&labels)
            })
            .inc();
        self.durations[method as usize]
            .get_or_init(|| {
                let labels = [
                    ("route", self.route.clone()),
                    ("method", method.as_str().to_owned()),
                ];
                self.all.durations.get_or_create_owned(&labels)
            })
            .observe(took.as_secs_f64());
    }
}

impl From<&Method> for MethodLabel {
    fn from(method: &Method) -> Self {
        match method.as_str() {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

impl From<StatusCode> for RequestEnd {
    fn from(status: StatusCode) -> Self {
        match status.as_u16() {
            500.. => Self::ServerError,
            400.. => Self::ClientError,
            300.. => Self::Redirection,
            _ => Self::Success,
        }
    }
}
