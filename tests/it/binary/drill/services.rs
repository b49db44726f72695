//! Services as others write them, with libraries that others wrote: what is right is not accused, and the mistake that is made most
//! often is found.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use keywright_tests::{Binary, environment};

use super::{drill, with};

const PYTHON: &str = include_str!("../clients/service.py");
const NODE: &str = include_str!("../clients/service.mjs");

/// Ended by its own pid, and by the end of its standard input: Node comes behind a wrapper that would leave it behind.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Service {
    /// It says its port as soon as it listens.
    fn start(command: &mut Command, binary: &Binary, care: &str) -> (Self, String) {
        let audience = binary.manifest()["demo_api"]["audience"].clone();
        command.args([&binary.issuer(), audience.as_str().unwrap(), care]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut port = String::new();
        let told = BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut port);
        told.expect("it says its port");
        (
            Self(child),
            format!("http://127.0.0.1:{}/orders", port.trim()),
        )
    }
}

fn pyjwt() -> Command {
    let mut python = Command::new(environment().python());
    python.args(["-c", PYTHON]);
    python
}

fn jose() -> Command {
    // An ES module finds its packages beside itself, so it is written beside them.
    let folder = environment().node_modules().parent().expect("a folder");
    let script = folder.join(format!("service-{}.mjs", std::process::id()));
    std::fs::write(&script, NODE).expect("the script is written");
    let mut node = Command::new(environment().node());
    node.arg(script);
    node
}

/// Neither follows the feed: its tokens live until they expire, which is told and tolerated here.
async fn is_judged_rightly(service: fn() -> Command) {
    let binary = Binary::quickstart(&[]).await;
    for (care, code, findings) in [
        ("careful", 0, &[][..]),
        ("careless", 1, &["wrong-audience"]),
    ] {
        let (_running, url) = Service::start(&mut service(), &binary, care);
        let arguments = [
            "api",
            &url,
            "--revocation-within",
            "0s",
            "--tolerate",
            "revoked-token",
        ];
        let (exit, report) = drill(&binary, &arguments);
        assert_eq!(with(&report, "finding"), findings, "{care}: {report:#}");
        assert_eq!(exit, Some(code), "{care}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_service_is_judged_rightly() {
    is_judged_rightly(pyjwt).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_service_is_judged_rightly() {
    is_judged_rightly(jose).await;
    let script = format!("service-{}.mjs", std::process::id());
    let folder = environment().node_modules().parent().expect("a folder");
    let _ = std::fs::remove_file(folder.join(script));
}

/// Without `quickstart.json`, a client is made for the drill and removed, and what the feed tells it is replayed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drill_that_is_given_no_credentials_makes_and_removes_its_own() {
    let binary = Binary::quickstart(&[]).await;
    let (url, audience) = (format!("{}/orders", binary.demo_api()), binary.manifest());
    let audience = audience["demo_api"]["audience"]
        .as_str()
        .unwrap()
        .to_owned();
    let manifest = binary.data().join("quickstart.json");
    let hidden = binary.data().join("hidden.json");
    std::fs::rename(&manifest, &hidden).unwrap();
    let (code, report) = drill(&binary, &["api", &url, "--audience", &audience]);
    std::fs::rename(&hidden, &manifest).unwrap();
    assert_eq!(with(&report, "finding"), [""; 0], "{report:#}");
    assert_eq!(code, Some(0));
    let examined = report["examined"].as_array().unwrap();
    let kinds = examined
        .iter()
        .find(|one| one["name"] == "another-kind-of-token");
    assert_eq!(
        kinds.unwrap()["tried"],
        2,
        "an event of the feed and the status list: {report:#}"
    );
    let clients = super::admin_list(&binary, "clients").await;
    assert!(!clients.contains("drill-"), "{clients}");
}
