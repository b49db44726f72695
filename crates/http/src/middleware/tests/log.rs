use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::Request;
use tracing_subscriber::fmt::MakeWriter;

use super::kit::{STRANGER, config, stacked};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Everything that is logged on this thread, at every level.
fn capture() -> (Captured, tracing::subscriber::DefaultGuard) {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(captured.clone())
        .finish();
    (captured, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn nothing_that_a_client_sends_reaches_the_log() {
    let (captured, _guard) = capture();
    let stacked = stacked(config());
    for path in [
        "/things/secret-in-path",
        "/echo",
        "/secret-nowhere",
        "/panic",
        "/healthz",
    ] {
        for method in ["GET", "POST", "SECRET-METHOD"] {
            let request = Request::builder()
                .method(method)
                .uri(format!("{path}?token=secret-in-query"))
                .header("authorization", "Bearer secret-in-header")
                .header("cookie", "session=secret-in-cookie")
                .header("x-request-id", "secret-in-id")
                .header("host", "secret-host")
                .header("content-type", "application/json");
            stacked
                .send(
                    STRANGER,
                    request,
                    Body::from("{\"password\":\"secret-in-body\"}"),
                )
                .await;
        }
    }
    let log = captured.text();
    assert_eq!(
        log.matches("http.request.served").count(),
        15,
        "each request is one line:\n{log}"
    );
    assert!(!log.to_lowercase().contains("secret"), "{log}");
    assert!(
        !log.contains("198.51.100.7"),
        "addresses are personal data: the audit log keeps them\n{log}"
    );
}

#[tokio::test]
async fn a_line_says_what_was_asked_what_came_of_it_and_under_which_id() {
    let (captured, _guard) = capture();
    let response = stacked(config()).get("/things/42").await;
    let log = captured.text();
    let line = log
        .lines()
        .find(|line| line.contains("http.request.served"))
        .unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let fields = &line["fields"];
    assert_eq!(line["level"], "INFO");
    assert_eq!(fields["method"], "GET");
    assert_eq!(fields["route"], "/things/{id}");
    assert_eq!(fields["status"], 200);
    assert_eq!(fields["bytes"], 2);
    assert!(fields["duration_us"].is_u64());
    assert_eq!(
        fields["request_id"],
        response.headers()["x-request-id"].to_str().unwrap()
    );
}

#[tokio::test]
async fn what_machines_ask_all_day_is_logged_quietly_until_it_fails() {
    let (captured, _guard) = capture();
    let stacked = stacked(config());
    stacked.get("/healthz").await;
    let refused = Request::delete("/healthz");
    stacked.send(STRANGER, refused, Body::empty()).await;
    let log = captured.text();
    let levels: Vec<_> = log
        .lines()
        .filter(|line| line.contains("http.request.served"))
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["level"].clone())
        .collect();
    assert_eq!(levels, ["DEBUG", "INFO"]);
}

#[tokio::test]
async fn lines_from_inside_a_request_carry_its_id() {
    let (captured, _guard) = capture();
    let stacked = stacked(config());
    for (path, target) in [
        ("/logs", "test.handler.spoke"),
        ("/panic", "http.request.panicked"),
    ] {
        let response = stacked.get(path).await;
        let log = captured.text();
        let line = log.lines().find(|line| line.contains(target)).unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap();
        assert!(line.contains(id), "{line}");
    }
}
