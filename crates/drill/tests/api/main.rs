//! The drill of an API, proved on services whose weaknesses are known: each is caught by name, and a sound one is not accused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod issuer;
mod service;
mod verifier;

use std::time::Duration;

use keywright_drill::{ApiDrill, Card, Credentials, Examined, Outcome, Progress, Report, Service};

use issuer::{AUDIENCE, FakeIssuer, NOW};
use service::Served;
use verifier::Weakness;

struct Quiet;

impl Progress for Quiet {
    fn begins(&self, _: &'static Card) {}
    fn ends(&self, _: &Examined) {}
}

async fn drill(issuer: &FakeIssuer, service: &Served) -> Report {
    let user = ("ann".to_owned(), "secret".to_owned());
    let drill = ApiDrill {
        service: Service {
            url: service.url.clone(),
            method: "GET".to_owned(),
            body: None,
            accepted: None,
        },
        issuer: issuer.url.clone(),
        credentials: Credentials {
            user: Some(user),
            audience: Some(AUDIENCE.to_owned()),
            ..Credentials::default()
        },
        seal: Some(issuer.seal()),
        decoy: None,
        revocation_within: Duration::from_millis(300),
        await_expiry: false,
        ca: None,
        patience: Duration::from_secs(5),
        now: NOW,
    };
    drill.run(&Quiet).await.unwrap()
}

/// What each weakness is caught by: these findings and no other. Who checks no signature fails at whatever is signed wrongly.
#[rustfmt::skip]
const CAUGHT: [(Weakness, &[&str]); 16] = [
    (Weakness::AnswersWithoutToken, &["missing-token"]),
    (Weakness::AcceptsNone, &["alg-none"]),
    (Weakness::TakesAnySignature, &["signature-not-checked", "blank-ecdsa-signature", "signature-of-another-token", "stranger-key",
        "embedded-key", "garbage-token", "oversize-token", "key-by-url"]),
    (Weakness::TakesPublicKeyAsSecret, &["public-key-as-secret"]),
    (Weakness::KnowsATutorialSecret, &["weak-secret"]),
    (Weakness::TrustsEmbeddedKey, &["embedded-key"]),
    (Weakness::FollowsKeyUrl, &["key-by-url"]),
    (Weakness::OpensKeyPath, &["key-by-path"]),
    (Weakness::IgnoresExpiry, &["expired-token", "expiry-not-required"]),
    (Weakness::SkipsMissingExpiry, &["expiry-not-required"]),
    (Weakness::IgnoresAudience, &["wrong-audience", "another-apis-token"]),
    (Weakness::IgnoresIssuer, &["wrong-issuer"]),
    (Weakness::IgnoresType, &["wrong-type"]),
    (Weakness::IgnoresScope, &["insufficient-scope"]),
    (Weakness::TakesFirstOfDuplicates, &["duplicate-claims"]),
    (Weakness::IgnoresRevocation, &["revoked-token"]),
];

#[tokio::test]
async fn every_weakness_is_caught_by_its_name_and_nothing_else_is_said() {
    let issuer = FakeIssuer::start().await;
    for (weakness, expected) in CAUGHT {
        let service = Served::weak(&issuer, Some(weakness)).await;
        let report = drill(&issuer, &service).await;
        assert_eq!(
            report.findings(),
            expected,
            "{weakness:?}\n{}",
            report.to_text()
        );
    }
}

#[tokio::test]
async fn without_its_weakness_the_same_service_is_sound() {
    let issuer = FakeIssuer::start().await;
    let service = Served::weak(&issuer, None).await;
    let report = drill(&issuer, &service).await;
    assert_eq!(report.findings(), [""; 0], "{}", report.to_text());
}

#[tokio::test]
async fn a_resource_that_is_open_to_everybody_is_one_finding() {
    let issuer = FakeIssuer::start().await;
    let mut service = Served::sound(&issuer).await;
    service.url.push_str("/open");
    let report = drill(&issuer, &service).await;
    assert_eq!(report.findings(), ["missing-token"]);
    assert_eq!(report.examined.len(), 1);
}

#[tokio::test]
async fn a_service_that_fails_on_strange_tokens_is_told_so() {
    let issuer = FakeIssuer::start().await;
    let service = Served::weak(&issuer, Some(Weakness::FailsOnGarbage)).await;
    let report = drill(&issuer, &service).await;
    assert_eq!(
        report.findings(),
        ["refusal-is-a-fault"],
        "{}",
        report.to_text()
    );
}

#[tokio::test]
async fn keywright_verify_is_not_accused_and_everything_is_tried() {
    let issuer = FakeIssuer::start().await;
    let service = Served::sound(&issuer).await;
    let mut report = drill(&issuer, &service).await;
    // It checks signatures without following this little issuer's status list.
    assert_eq!(report.findings(), ["revoked-token"], "{}", report.to_text());
    let unknown = report.tolerate(&["revoked-token".to_owned(), "misspelt".to_owned()]);
    assert_eq!(
        (report.is_sound(), unknown),
        (true, vec!["misspelt".to_owned()])
    );
    let left_out: Vec<_> = report
        .examined
        .iter()
        .filter(|examined| matches!(examined.outcome, Outcome::Skipped(_)))
        .map(|examined| examined.card.name)
        .collect();
    assert_eq!(left_out, ["outlived-token"]);
}

#[tokio::test]
async fn a_service_that_refuses_the_good_token_is_not_judged() {
    let issuer = FakeIssuer::start().await;
    let service = Served::sound(&issuer).await;
    for (url, says) in [
        (
            format!("{}/refuses-all", service.url),
            "the good token is refused",
        ),
        (
            format!("{}/nowhere", service.url),
            "give a resource that is there",
        ),
        ("http://127.0.0.1:1/".to_owned(), "does not answer"),
    ] {
        let elsewhere = Served { url };
        let credentials = Credentials {
            token: Some(issuer.token("sid-1")),
            ..Credentials::default()
        };
        let drill = ApiDrill {
            service: Service {
                url: elsewhere.url.clone(),
                method: "GET".to_owned(),
                body: None,
                accepted: None,
            },
            issuer: issuer.url.clone(),
            credentials,
            seal: None,
            decoy: None,
            revocation_within: Duration::ZERO,
            await_expiry: false,
            ca: None,
            patience: Duration::from_secs(5),
            now: NOW,
        };
        let why = drill.run(&Quiet).await.err().unwrap().to_string();
        assert!(why.contains(says), "{why}");
    }
}
