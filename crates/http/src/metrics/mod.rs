//! What the server counts, and how a scrape reads it (OpenMetrics 1.0 text).
//!
//! Owns the registry, the names and the label sets. Every label is bounded: an enum, or a route template. What happened is told
//! by the handlers, the middleware and the accept loop through typed methods; nothing here decides anything.

mod connections;
mod fleet;
mod identity;
mod label;
mod requests;
mod watched;

use std::time::Duration;

use keywright_domain::Time;
use keywright_domain::client::Grant;
use keywright_jwt::Algorithm;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use connections::ConnectionMetrics;
pub(crate) use connections::{ConnectionCut, ConnectionRefused, HandshakeFailed};
pub use fleet::FleetFigures;
use identity::IdentityMetrics;
pub use identity::{
    AnomalyDecision, ClientAuthFailure, LimitedAttempt, LoginOutcome, LogoutDelivery,
    RefreshOutcome, RegistrationOutcome,
};
pub(crate) use label::Label;
pub(crate) use requests::{MethodLabel, RequestEnd, RequestMetrics, RouteMetrics};
pub use watched::KeyAge;
use watched::Watched;

/// The content type of [`Metrics::expose`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: RequestMetrics,
    connections: ConnectionMetrics,
    identity: IdentityMetrics,
    following: Gauge,
    hash_queue: Watched<u64>,
    keys: Watched<Vec<KeyAge>>,
    fleet: Watched<FleetFigures>,
}

impl Metrics {
    /// `version` is the product's, `started_at` the process's.
    pub fn new(version: &'static str, started_at: Time) -> Self {
        let mut registry = Registry::default();
        registry.register(
            "process_start_time_seconds",
            "When the process started, in seconds since the Unix epoch",
            ConstGauge::new(started_at.secs()),
        );
        let (hash_queue, keys, fleet) = (Watched::new(), Watched::new(), Watched::new());
        registry.register_collector(Box::new(fleet.clone()));
        registry.register_collector(Box::new(hash_queue.clone()));
        registry.register_collector(Box::new(keys.clone()));
        let own = registry.sub_registry_with_prefix("keywright");
        own.register(
            "build",
            "What is running",
            Info::new([("version", version)]),
        );
        let following = Gauge::default();
        own.register(
            "feed_followers",
            "Verifiers that follow the feed of this node now",
            following.clone(),
        );
        Self {
            requests: RequestMetrics::register(own),
            connections: ConnectionMetrics::register(own),
            identity: IdentityMetrics::register(own),
            registry,
            following,
            hash_queue,
            keys,
            fleet,
        }
    }

    pub fn login(&self, outcome: LoginOutcome) {
        self.identity.login(outcome);
    }

    /// `Reused` counts as a reuse detected, too.
    pub fn refresh(&self, outcome: RefreshOutcome) {
        self.identity.refresh(outcome);
    }

    pub fn anomaly(&self, decision: AnomalyDecision) {
        self.identity.anomaly(decision);
    }

    pub fn registration(&self, outcome: RegistrationOutcome) {
        self.identity.registration(outcome);
    }

    pub fn client_auth_failure(&self, why: ClientAuthFailure) {
        self.identity.client_auth_failure(why);
    }

    pub fn limited(&self, attempt: LimitedAttempt) {
        self.identity.limited(attempt);
    }

    pub fn logout_delivery(&self, outcome: LogoutDelivery) {
        self.identity.logout_delivery(outcome);
    }

    pub fn logout_deliveries_waiting(&self, waiting: u64) {
        self.identity.logout_deliveries_waiting(waiting);
    }

    pub fn minted(&self, grant: Grant, algorithm: Algorithm) {
        self.identity.minted(grant, algorithm);
    }

    pub fn signed(&self, algorithm: Algorithm, took: Duration) {
        self.identity.signed(algorithm, took);
    }

    /// Where each scrape asks how many passwords wait to be hashed. The first source stays.
    pub fn watch_hash_queue(&self, waiting: impl Fn() -> u64 + Send + Sync + 'static) {
        self.hash_queue.watch(waiting);
    }

    /// Where each scrape asks for the signing keys. The first source stays.
    pub fn watch_keys(&self, keys: impl Fn() -> Vec<KeyAge> + Send + Sync + 'static) {
        self.keys.watch(keys);
    }

    /// Where each scrape asks for the verifiers that report back. The first source stays.
    pub fn watch_fleet(&self, fleet: impl Fn() -> FleetFigures + Send + Sync + 'static) {
        self.fleet.watch(fleet);
    }

    /// For [`ServerConfig`](crate::server::ServerConfig).
    pub fn connections(&self) -> ConnectionMetrics {
        self.connections.clone()
    }

    pub(crate) fn following(&self) -> Gauge {
        self.following.clone()
    }

    pub(crate) fn requests(&self) -> RequestMetrics {
        self.requests.clone()
    }

    /// The exposition. Formatting fails only where a source wrote something that cannot be text.
    pub fn expose(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::with_capacity(16 * 1024);
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
