//! What the product did: logins, mints, refreshes, and what it refused.

use std::time::Duration;

use keywright_domain::client::Grant;
use keywright_jwt::Algorithm;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::label::{Counters, labels};

labels! {
    LoginOutcome {
        Succeeded = "succeeded",
        /// A wrong name or password, or an account that may not log in.
        Refused = "refused",
        Limited = "limited",
        /// The hash pool was full.
        Overloaded = "overloaded",
        /// The request asked for a client, API or scope that it may not have.
        Invalid = "invalid",
        /// The database or a key was out of reach.
        Failed = "failed",
    }

    RefreshOutcome {
        Rotated = "rotated",
        /// The client's refresh tokens do not rotate: it got the same one.
        Kept = "kept",
        /// A superseded token inside the grace time: the current one was handed out again.
        Repeated = "repeated",
        /// A rotation that a crash or a failover had lost was accepted again.
        Recovered = "recovered",
        /// A token that does not count.
        Refused = "refused",
        /// Theft: the session was ended.
        Reused = "reused",
        /// Unlike the last use of the session: refused until the user logs in again.
        StepUp = "step_up",
        /// Unlike the last use of the session: the session was ended.
        Anomalous = "anomalous",
        Limited = "limited",
        Invalid = "invalid",
        Failed = "failed",
    }

    /// What the anomaly policy said to a refresh token that counts.
    AnomalyDecision {
        /// It is like the last use, or nobody looks.
        None = "none",
        Record = "record",
        StepUp = "step_up",
        End = "end",
    }

    RegistrationOutcome {
        Accepted = "accepted",
        /// Registration is closed, or the password is weak.
        Refused = "refused",
        Limited = "limited",
        Overloaded = "overloaded",
        Failed = "failed",
    }

    ClientAuthFailure {
        Unknown = "unknown",
        WrongSecret = "wrong_secret",
        WrongMethod = "wrong_method",
        Assertion = "assertion",
        Certificate = "certificate",
        CertificateMissing = "certificate_missing",
        KeyNotProved = "key_not_proved",
        GrantNotAllowed = "grant_not_allowed",
        Limited = "limited",
    }

    /// What became of an attempt to tell a client that a session of its is over.
    LogoutDelivery {
        Delivered = "delivered",
        /// Not taken; it is tried again.
        Failed = "failed",
        /// Not taken for a day.
        GivenUp = "given_up",
    }

    /// What kind of attempt a rate limit refused.
    LimitedAttempt {
        Login = "login",
        Registration = "registration",
        Letter = "letter",
        Refresh = "refresh",
        Password = "password",
        Client = "client",
        Other = "other",
    }
}

/// Upper bounds in seconds: EdDSA takes 13 µs, RS256 400 µs, a vault on the network tens of milliseconds.
const SIGNING: [f64; 12] = [
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 1.0,
];

type Histograms = Family<[(&'static str, &'static str); 1], Histogram, fn() -> Histogram>;

#[derive(Clone, Debug)]
pub(super) struct IdentityMetrics {
    logins: Counters<LoginOutcome>,
    refreshes: Counters<RefreshOutcome>,
    anomalies: Counters<AnomalyDecision>,
    registrations: Counters<RegistrationOutcome>,
    client_auth_failures: Counters<ClientAuthFailure>,
    limited: Counters<LimitedAttempt>,
    logout_deliveries: Counters<LogoutDelivery>,
    logout_deliveries_waiting: Gauge,
    reuse_detected: Counter,
    mints: Family<[(&'static str, &'static str); 2], Counter>,
    signing: Histograms,
}

impl IdentityMetrics {
    pub fn register(registry: &mut Registry) -> Self {
        let mints = Family::default();
        registry.register("tokens_minted", "Access tokens minted", mints.clone());
        let signing: Histograms = Family::new_with_constructor(|| Histogram::new(SIGNING));
        registry.register(
            "signing_duration_seconds",
            "Time that one signature took",
            signing.clone(),
        );
        let reuse_detected = Counter::default();
        registry.register(
            "refresh_reuse_detected",
            "Sessions ended because a superseded refresh token came back",
            reuse_detected.clone(),
        );
        let logout_deliveries_waiting = Gauge::default();
        registry.register(
            "logout_deliveries_waiting",
            "Logouts that clients have still to be told of, as the database has them",
            logout_deliveries_waiting.clone(),
        );
        Self {
            logins: Counters::register(registry, "logins", "Login attempts", "outcome"),
            refreshes: Counters::register(registry, "refreshes", "Refresh attempts", "outcome"),
            anomalies: Counters::register(
                registry,
                "refresh_anomaly_decisions",
                "What was decided on how unlike the last use a refresh was",
                "decision",
            ),
            registrations: Counters::register(
                registry,
                "registrations",
                "Registration attempts",
                "outcome",
            ),
            client_auth_failures: Counters::register(
                registry,
                "client_authentication_failures",
                "Clients that could not prove who they are",
                "reason",
            ),
            limited: Counters::register(
                registry,
                "rate_limited",
                "Attempts refused by a rate limit",
                "class",
            ),
            logout_deliveries: Counters::register(
                registry,
                "logout_deliveries",
                "Attempts to tell a client that a session of its is over",
                "outcome",
            ),
            logout_deliveries_waiting,
            reuse_detected,
            mints,
            signing,
        }
    }

    pub fn login(&self, outcome: LoginOutcome) {
        self.logins.count(outcome);
    }

    pub fn refresh(&self, outcome: RefreshOutcome) {
        self.refreshes.count(outcome);
        if outcome == RefreshOutcome::Reused {
            self.reuse_detected.inc();
        }
    }

    pub fn anomaly(&self, decision: AnomalyDecision) {
        self.anomalies.count(decision);
    }

    pub fn registration(&self, outcome: RegistrationOutcome) {
        self.registrations.count(outcome);
    }

    pub fn client_auth_failure(&self, why: ClientAuthFailure) {
        self.client_auth_failures.count(why);
    }

    pub fn limited(&self, attempt: LimitedAttempt) {
        self.limited.count(attempt);
    }

    pub fn logout_delivery(&self, outcome: LogoutDelivery) {
        self.logout_deliveries.count(outcome);
    }

    pub fn logout_deliveries_waiting(&self, waiting: u64) {
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        self.logout_deliveries_waiting.set(waiting);
    }

    pub fn minted(&self, grant: Grant, algorithm: Algorithm) {
        self.mints
            .get_or_create(&[("grant", grant.as_str()), ("algorithm", algorithm.as_str())])
            .inc();
    }

    pub fn signed(&self, algorithm: Algorithm, took: Duration) {
        self.signing
            .get_or_create(&[("algorithm", algorithm.as_str())])
            .observe(took.as_secs_f64());
    }
}
