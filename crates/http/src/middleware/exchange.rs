//! One request and its response, as the log and the metrics see them.

use std::sync::Arc;

use axum::response::Response;
use http::Method;
use hyper::body::Body as _;
use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;
use tracing::Level;

use super::request_id::{RequestId, X_REQUEST_ID};
use super::stack::Known;
use super::{Arrival, security_headers};
use crate::metrics::{Label, MethodLabel, RequestEnd, RequestMetrics};
use crate::{Problem, Reason};

/// The target of the line that is logged for each request.
pub const ACCESS_LOG: &str = "http.request.served";

/// Reported exactly once: by [`Exchange::finish`], or, when the client went away and the request was dropped, by its drop.
pub(super) struct Exchange {
    began: Instant,
    method: MethodLabel,
    request_id: RequestId,
    https: bool,
    known: Arc<Known>,
    reported: bool,
}

/// A place among the requests in flight, given back when dropped.
pub(super) struct InFlight {
    /// How many there are, with this one.
    pub count: i64,
    gauge: Gauge,
}

impl Exchange {
    pub fn begin(method: &Method, arrival: &Arrival, known: Arc<Known>) -> Self {
        Self {
            began: Instant::now(),
            method: method.into(),
            request_id: arrival.request_id.clone(),
            https: arrival.https,
            known,
            reported: false,
        }
    }

    /// The response as it leaves.
    pub fn finish(&mut self, mut response: Response) -> Response {
        let status = response.status();
        // A streamed body's length is not known yet; a response to HEAD loses its body after this.
        let bytes = match self.method {
            MethodLabel::Head => Some(0),
            MethodLabel::Get
            | MethodLabel::Post
            | MethodLabel::Put
            | MethodLabel::Patch
            | MethodLabel::Delete
            | MethodLabel::Options
            | MethodLabel::Other => response.body().size_hint().exact(),
        };
        self.report(status.into(), status.as_u16(), bytes);
        let headers = response.headers_mut();
        security_headers::complete(headers, self.https);
        headers.insert(X_REQUEST_ID, self.request_id.header());
        response
    }

    /// The handler panicked.
    pub fn panicked(&self, metrics: &RequestMetrics) -> Problem {
        metrics.panicked.inc();
        tracing::error!(
            target: "http.request.panicked",
            route = self.known.metrics.template(),
            request_id = self.request_id.as_str(),
        );
        Problem::new(Reason::Internal)
    }

    /// The whole access log. No path, query, header, body or address: tokens and people's data travel in all of them.
    fn report(&mut self, end: RequestEnd, status: u16, bytes: Option<u64>) {
        self.reported = true;
        let took = self.began.elapsed();
        self.known.metrics.ended(self.method, end, took);
        // The id is a field, so the line needs no span around it: it is the one line that is always written, and short.
        macro_rules! served {
            ($level:expr) => {
                tracing::event!(
                    target: ACCESS_LOG,
                    parent: None,
                    $level,
                    method = self.method.as_str(),
                    route = self.known.metrics.template(),
                    status,
                    end = end.as_str(),
                    duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                    bytes,
                    request_id = self.request_id.as_str(),
                )
            };
        }
        let went_well = matches!(end, RequestEnd::Success | RequestEnd::Redirection);
        if self.known.is_quiet && went_well {
            served!(Level::DEBUG);
        } else {
            served!(Level::INFO);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.reported {
            // nginx's number for it; nothing is sent.
            self.report(RequestEnd::Aborted, 499, None);
        }
    }
}

impl InFlight {
    pub fn enter(gauge: &Gauge) -> Self {
        Self {
            count: gauge.inc() + 1,
            gauge: gauge.clone(),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}
