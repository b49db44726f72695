use std::fs;
use std::time::Duration;

use keywright_tests::{Binary, Folder};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use serde_json::Value;
use tokio::time::sleep;

/// A certificate for 127.0.0.1, and a client that trusts it alone.
struct Identity {
    certificate: String,
    key: String,
}

impl Identity {
    fn new() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        Self {
            certificate: cert.pem(),
            key: signing_key.serialize_pem(),
        }
    }

    fn install(&self, binary: &Binary) {
        fs::write(binary.data().join("tls.crt"), &self.certificate).unwrap();
        fs::write(binary.data().join("tls.key"), &self.key).unwrap();
    }

    /// A fresh connection each time: a kept one would still be under the old certificate.
    async fn is_served(&self, binary: &Binary) -> bool {
        let trusted = Certificate::from_pem(self.certificate.as_bytes()).unwrap();
        let client = Client::builder().tls_certs_only([trusted]).build().unwrap();
        let url = format!("https://127.0.0.1:{}/healthz", binary.port());
        client
            .get(url)
            .send()
            .await
            .is_ok_and(|answer| answer.status() == 200)
    }
}

async fn until_served(identity: &Identity, binary: &Binary) {
    for _ in 0..500 {
        if identity.is_served(binary).await {
            return;
        }
        assert!(!binary.process().has_ended(), "{}", binary.stderr());
        sleep(Duration::from_millis(20)).await;
    }
    panic!("not served: {}", binary.stderr());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificate_is_served_and_replaced_without_a_restart() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let (first, second) = (Identity::new(), Identity::new());
    first.install(&binary);
    binary.set_override("KEYWRIGHT_TLS__CERTIFICATE", "tls.crt");
    binary.set_override("KEYWRIGHT_TLS__KEY", "tls.key");
    binary.spawn_serve();
    until_served(&first, &binary).await;
    assert!(!second.is_served(&binary).await);

    // A certificate without its key: refused, and the first stays.
    fs::write(binary.data().join("tls.crt"), &second.certificate).unwrap();
    binary.process().signal("HUP");
    while !binary.stderr().contains("server.config.refused") {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(first.is_served(&binary).await);

    second.install(&binary);
    binary.process().signal("HUP");
    until_served(&second, &binary).await;
    assert!(!first.is_served(&binary).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_trust_the_certificates_that_they_are_given_and_no_stranger() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let (ours, another) = (Identity::new(), Identity::new());
    ours.install(&binary);
    binary.set_override("KEYWRIGHT_TLS__CERTIFICATE", "tls.crt");
    binary.set_override("KEYWRIGHT_TLS__KEY", "tls.key");
    binary.spawn_serve();
    until_served(&ours, &binary).await;

    let folder = Folder::new();
    fs::write(folder.path().join("ours.pem"), &ours.certificate).unwrap();
    fs::write(folder.path().join("another.pem"), &another.certificate).unwrap();
    let url = format!("https://127.0.0.1:{}", binary.port());
    let password = binary.manifest()["admin"]["password"]
        .as_str()
        .unwrap()
        .to_owned();
    let list = |trust: &[&str]| {
        let line = [
            &["--url", &url, "--login", "admin"],
            trust,
            &["user", "list"],
        ]
        .concat();
        Binary::run_elsewhere(&line, &folder, &password)
    };
    let listed = list(&["--ca", "ours.pem"]);
    assert!(listed.status.success(), "{listed:?}");
    for stranger in [&[][..], &["--ca", "another.pem"]] {
        let refused = list(stranger);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("certificate"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_drill_finds_nothing_over_https_and_trusts_the_ca_that_it_is_given() {
    let mut binary = Binary::new(&[("KEYWRIGHT_SESSIONS__GRACE", "1s")]);
    let issuer = format!("https://127.0.0.1:{}", binary.port());
    binary.set_override("KEYWRIGHT_ISSUER__URL", &issuer);
    binary.start_quickstart_alone().await;
    assert!(binary.stop().await);
    let identity = Identity::new();
    identity.install(&binary);
    binary.set_override("KEYWRIGHT_TLS__CERTIFICATE", "tls.crt");
    binary.set_override("KEYWRIGHT_TLS__KEY", "tls.key");
    binary.spawn_serve();
    until_served(&identity, &binary).await;

    let drilled = |arguments: &[&str]| {
        let arguments = [&["drill", "server", "--json"], arguments].concat();
        tokio::task::block_in_place(|| binary.run(&arguments))
    };
    let trusting = drilled(&["--ca", "data/tls.crt"]);
    let report: Value = serde_json::from_slice(&trusting.stdout).expect("a report");
    let examined = report["examined"].as_array().unwrap();
    let found: Vec<_> = examined
        .iter()
        .filter(|one| one["outcome"] == "finding")
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let tls = examined.iter().find(|one| one["name"] == "tls").unwrap();
    assert_eq!(tls["outcome"], "sound", "{tls}");
    assert_eq!(trusting.status.code(), Some(0));
    assert_eq!(
        drilled(&[]).status.code(),
        Some(2),
        "a stranger's certificate is not trusted"
    );
}
