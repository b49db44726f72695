//! Telling a receiver outside. What leaves the process is in `binary/webhook.rs`.

use keywright_domain::Period;
use keywright_domain::webhook::Delivery;
use keywright_tests::{TestIssuer, on_both_engines};
use serde_json::{Value, json};

fn listen(issuer: &TestIssuer, webhook: bool) {
    let mut policy = (*issuer.issuer().policy()).clone();
    policy.webhook = webhook;
    issuer.issuer().reload(policy);
}

async fn attempts(issuer: &TestIssuer) -> Vec<Delivery> {
    let mut made = Vec::new();
    for notice in issuer.issuer().notices_due().await.unwrap() {
        made.push(issuer.issuer().deliver(&notice).await.unwrap());
    }
    made
}

async fn steal(issuer: &TestIssuer) {
    let ann = issuer.user("ann").await;
    ann.refreshed().await;
    issuer.advance(Period::minutes(1)).await;
    ann.refresh().await.is_problem(401, "refresh_token_reused");
}

async fn tamper(issuer: &TestIssuer, refused: u64) {
    let report = json!({
        "instance": "one", "software": "keywright-verify/0.1.0", "position": 0, "kids": ["k1"],
        "accepted": 1, "refused": { "signature_invalid": refused }, "verification_micros": [],
        "revocation_age": 1,
    });
    issuer
        .client("watcher")
        .post("/feed/report", &report)
        .await
        .is(204);
}

on_both_engines! {
    async fn anomalies_of_sessions_and_verifiers_are_told_once_each(issuer: TestIssuer) {
        listen(&issuer, true);
        issuer.world().listens();
        steal(&issuer).await;
        tamper(&issuer, 0).await;
        tamper(&issuer, 100).await;
        assert_eq!(attempts(&issuer).await, [Delivery::Told, Delivery::Told]);
        let told = issuer.world().told();
        let bodies: Vec<Value> =
            told.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect();
        assert_eq!(bodies[0]["type"], "session.refresh.reused");
        assert_eq!(bodies[1]["type"], "fleet.anomaly.detected");
        assert_eq!(bodies[1]["data"]["anomaly"], "tampering");
        assert_eq!(bodies[1]["data"]["client"], "watcher");
        let entries = issuer.new_entries().await;
        for (id, _) in &told {
            let of_entry = |entry: &&keywright_domain::audit::Entry| entry.hash.to_string() == *id;
            assert_eq!(entries.iter().filter(of_entry).count(), 1, "it names its audit entry");
        }
        issuer.pass(Period::hours(2));
        assert_eq!(attempts(&issuer).await, []);
    }

    async fn what_nobody_takes_is_told_again_later_and_given_up_after_a_day(issuer: TestIssuer) {
        listen(&issuer, true);
        steal(&issuer).await;
        let made = attempts(&issuer).await;
        assert!(matches!(made[..], [Delivery::Again { .. }]), "{made:?}");
        assert_eq!(attempts(&issuer).await, [], "not before its time");
        issuer.pass(Period::secs(5));
        issuer.world().listens();
        assert_eq!(attempts(&issuer).await, [Delivery::Told]);

        issuer.world().hangs_up();
        steal(&issuer).await;
        let mut made = Vec::new();
        for _ in 0..30 {
            made.extend(attempts(&issuer).await);
            issuer.pass(Period::hours(3));
        }
        let given_up = made.iter().filter(|one| matches!(one, Delivery::GivenUp(_))).count();
        assert_eq!((given_up, made.len()), (1, 9), "{made:?}");
    }

    async fn nobody_is_told_unless_a_receiver_is_configured(issuer: TestIssuer) {
        issuer.world().listens();
        steal(&issuer).await;
        listen(&issuer, true);
        assert_eq!(attempts(&issuer).await, [], "what was before is not told");
        steal(&issuer).await;
        listen(&issuer, false);
        assert_eq!(attempts(&issuer).await, [], "nor is what nobody wants any more");
    }
}
