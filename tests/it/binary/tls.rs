use std::fs;
use std::time::Duration;

use keywright_tests::{Binary, Folder};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
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
