use http::{Method, StatusCode};
use keywright_domain::Period;
use keywright_domain::keys::KeyState;

use super::*;

fn metrics() -> Metrics {
    Metrics::new("1.2.3", Time::from_secs(1_700_000_000))
}

fn has(metrics: &Metrics, line: &str) {
    let text = metrics.expose().unwrap();
    assert!(
        text.lines().any(|l| l == line),
        "no line {line:?} in\n{text}"
    );
}

#[test]
fn outcomes_are_counted_by_their_labels() {
    let metrics = metrics();
    metrics.login(LoginOutcome::Succeeded);
    metrics.login(LoginOutcome::Refused);
    metrics.login(LoginOutcome::Refused);
    metrics.registration(RegistrationOutcome::Accepted);
    metrics.client_auth_failure(ClientAuthFailure::WrongSecret);
    metrics.limited(LimitedAttempt::Login);
    metrics.minted(Grant::ClientCredentials, Algorithm::Es256);
    metrics.signed(Algorithm::Es256, Duration::from_micros(24));
    for line in [
        "keywright_logins_total{outcome=\"succeeded\"} 1",
        "keywright_logins_total{outcome=\"refused\"} 2",
        "keywright_logins_total{outcome=\"limited\"} 0",
        "keywright_registrations_total{outcome=\"accepted\"} 1",
        "keywright_client_authentication_failures_total{reason=\"wrong_secret\"} 1",
        "keywright_rate_limited_total{class=\"login\"} 1",
        "keywright_tokens_minted_total{grant=\"client_credentials\",algorithm=\"ES256\"} 1",
        "keywright_signing_duration_seconds_count{algorithm=\"ES256\"} 1",
        "keywright_build_info{version=\"1.2.3\"} 1",
        "process_start_time_seconds 1700000000",
    ] {
        has(&metrics, line);
    }
}

#[test]
fn a_reused_refresh_token_is_an_outcome_and_an_alarm() {
    let metrics = metrics();
    metrics.refresh(RefreshOutcome::Rotated);
    has(&metrics, "keywright_refresh_reuse_detected_total 0");
    metrics.refresh(RefreshOutcome::Reused);
    has(&metrics, "keywright_refreshes_total{outcome=\"reused\"} 1");
    has(&metrics, "keywright_refresh_reuse_detected_total 1");
}

#[test]
fn requests_are_counted_by_template_and_invented_methods_are_one_label() {
    let metrics = metrics();
    let route = metrics.requests().route("/v1/sessions/{id}");
    for method in ["GET", "BREW", "WHEN"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        route.ended(
            (&method).into(),
            StatusCode::NOT_FOUND.into(),
            Duration::from_millis(3),
        );
    }
    has(
        &metrics,
        "keywright_http_requests_total{route=\"/v1/sessions/{id}\",method=\"GET\",status=\"4xx\"} 1",
    );
    has(
        &metrics,
        "keywright_http_requests_total{route=\"/v1/sessions/{id}\",method=\"OTHER\",status=\"4xx\"} 2",
    );
    has(
        &metrics,
        "keywright_http_request_duration_seconds_count{route=\"/v1/sessions/{id}\",method=\"OTHER\"} 2",
    );
}

#[test]
fn watched_figures_are_read_at_each_scrape() {
    let metrics = metrics();
    assert!(
        !metrics.expose().unwrap().contains("hash_pool"),
        "nothing is shown before it is wired"
    );
    let waiting = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(3));
    let source = waiting.clone();
    metrics.watch_hash_queue(move || source.load(std::sync::atomic::Ordering::Relaxed));
    has(&metrics, "keywright_hash_pool_queue 3");
    waiting.store(5, std::sync::atomic::Ordering::Relaxed);
    has(&metrics, "keywright_hash_pool_queue 5");
}

#[test]
fn key_ages_are_shown_per_ring_and_never_twice() {
    let metrics = metrics();
    let key = |audience: Option<&str>, secs| KeyAge {
        algorithm: Algorithm::Es256,
        audience: audience.map(str::to_owned),
        state: KeyState::Retiring,
        age: Period::secs(secs),
    };
    metrics.watch_keys(move || vec![key(None, 90), key(None, 60), key(Some("orders"), 5)]);
    has(
        &metrics,
        "keywright_signing_key_age_seconds{algorithm=\"ES256\",audience=\"\",state=\"retiring\"} 60",
    );
    has(
        &metrics,
        "keywright_signing_key_age_seconds{algorithm=\"ES256\",audience=\"orders\",state=\"retiring\"} 5",
    );
    assert_eq!(
        metrics
            .expose()
            .unwrap()
            .matches("keywright_signing_key_age_seconds{")
            .count(),
        2
    );
}

#[test]
fn many_threads_lose_no_increment() {
    let metrics = metrics();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10_000).for_each(|_| metrics.login(LoginOutcome::Succeeded)));
        }
    });
    has(
        &metrics,
        "keywright_logins_total{outcome=\"succeeded\"} 40000",
    );
}
