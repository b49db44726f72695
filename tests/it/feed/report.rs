use keywright_domain::Period;
use keywright_tests::{Answer, Engine, TestIssuer, on_both_engines};
use serde_json::{Value, json};

fn report(instance: &str) -> Value {
    json!({
        "instance": instance,
        "software": "keywright-verify/0.1.0",
        "position": 0,
        "kids": ["k1"],
        "accepted": 123,
        "refused": { "expired": 3 },
        "verification_micros": [{ "at_most": 1, "count": 5 }, { "at_most": null, "count": 0 }],
        "revocation_age": 1,
    })
}

async fn tell(issuer: &TestIssuer, report: &Value) -> Answer {
    issuer.client("watcher").post("/feed/report", report).await
}

async fn fleet(issuer: &TestIssuer) -> Vec<Value> {
    let admin = issuer.admin_with("verifiers:read").await;
    let answer = admin.get("/admin/v1/verifiers").await.is(200);
    answer.json()["verifiers"].as_array().unwrap().clone()
}

on_both_engines! {
    async fn the_fleet_is_seen_as_it_reports(issuer: TestIssuer) {
        tell(&issuer, &report("one")).await.is(204);
        issuer.pass(Period::secs(30));
        tell(&issuer, &report("two")).await.is(204);
        let mut later = report("one");
        later["accepted"] = json!(200);
        later["position"] = Value::Null;
        tell(&issuer, &later).await.is(204);

        let fleet = fleet(&issuer).await;
        assert_eq!(fleet.len(), 2);
        assert_eq!(fleet[0]["client_id"], "watcher");
        assert_eq!(fleet[0]["instance"], "one");
        assert_eq!(fleet[0]["accepted"], 200, "the later report replaces the earlier one");
        assert_eq!(fleet[0]["position"], Value::Null);
        assert_eq!(fleet[0]["refused"], json!({ "expired": 3 }));
        assert_eq!(fleet[0]["connected"], true);
        assert_eq!(fleet[1]["instance"], "two");
    }

    async fn who_is_silent_is_no_longer_connected_and_forgotten_after_a_day(issuer: TestIssuer) {
        tell(&issuer, &report("one")).await.is(204);
        issuer.pass(Period::secs(61));
        assert_eq!(fleet(&issuer).await[0]["connected"], false);
        issuer.pass(Period::days(1));
        assert!(fleet(&issuer).await.is_empty());
        assert_eq!(issuer.issuer().forget_verifiers().await.unwrap(), 1);
    }

    async fn a_spike_of_bad_signatures_is_an_anomaly_once(issuer: TestIssuer) {
        tell(&issuer, &report("one")).await.is(204);
        issuer.new_events().await;
        let mut attacked = report("one");
        for refused in [40, 80] {
            issuer.pass(Period::secs(10));
            attacked["refused"] = json!({ "expired": 3, "signature_invalid": refused });
            tell(&issuer, &attacked).await.is(204);
        }
        assert_eq!(issuer.new_events().await, ["fleet.anomaly.detected"]);
        assert_eq!(fleet(&issuer).await[0]["spikes"], json!(["tampering"]));
        issuer.pass(Period::minutes(5));
        assert_eq!(fleet(&issuer).await[0]["spikes"], json!([]));
    }
}

#[tokio::test]
async fn the_keys_that_a_verifier_lacks_are_named() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    let served: Vec<String> = issuer
        .issuer()
        .jwks()
        .set
        .keys
        .iter()
        .map(|key| key.kid().unwrap().to_owned())
        .collect();
    let mut behind = report("one");
    behind["kids"] = json!([served[0]]);
    tell(&issuer, &behind).await.is(204);
    tell(&issuer, &report("by-hand")).await.is(204);
    let fleet = fleet(&issuer).await;
    assert_eq!(fleet[0]["instance"], "by-hand");
    assert_eq!(
        fleet[0]["missing_kids"],
        json!([]),
        "it lives by other keys"
    );
    assert_eq!(fleet[1]["missing_kids"], json!(served[1..]));
}

#[tokio::test]
async fn a_report_that_cannot_be_shown_is_refused() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    for (member, value) in [
        ("instance", json!("")),
        ("instance", json!("x".repeat(65))),
        ("instance", json!("a\u{7}")),
        ("kids", json!(vec!["k"; 65])),
        ("refused", json!({ "Not a code": 1 })),
    ] {
        let mut bad = report("one");
        bad[member] = value;
        let answer = tell(&issuer, &bad).await.is_problem(400, "invalid_field");
        assert_eq!(answer.blamed(), [member]);
    }
    let mut long = report("one");
    long["software"] = json!("x".repeat(17 * 1024));
    tell(&issuer, &long).await.is_problem(413, "body_too_large");
    assert!(fleet(&issuer).await.is_empty());
}
