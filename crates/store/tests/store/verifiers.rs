//! What `ports::Fleet` promises.

use keywright_domain::Period;
use keywright_domain::audit::Effects;
use keywright_domain::fleet::{Report, Spikes, Verifier};
use keywright_domain::ports::Fleet;

use crate::kit::*;

on_both_engines! {
    a_report_replaces_the_one_before_and_never_a_later_one,
    who_is_silent_is_left_out_and_forgotten,
}

fn verifier(instance: &str, secs: i64) -> Verifier {
    let at = NOW + Period::secs(secs);
    Verifier {
        client: "orders".parse().unwrap(),
        reported_at: at,
        report: Report {
            instance: instance.to_owned(),
            software: "test".to_owned(),
            kids: vec!["k1".to_owned()],
            accepted: secs.unsigned_abs(),
            refused: [("expired".to_owned(), 3)].into(),
            ..Report::default()
        },
        spikes: Spikes {
            tampering: Some(at),
            ..Spikes::default()
        },
    }
}

async fn put(database: &Database, verifier: &Verifier) {
    let nothing = Effects::default();
    let put = database.store.put_verifier(verifier, &nothing);
    put.await.unwrap();
}

async fn a_report_replaces_the_one_before_and_never_a_later_one(database: &Database) {
    let client = "orders".parse().unwrap();
    let read = async || database.store.verifier(&client, "one").await.unwrap();
    assert_eq!(read().await, None);
    for (secs, stays) in [(10, 10), (20, 20), (15, 20)] {
        put(database, &verifier("one", secs)).await;
        assert_eq!(read().await, Some(verifier("one", stays)));
    }
}

async fn who_is_silent_is_left_out_and_forgotten(database: &Database) {
    for (instance, secs) in [("two", 30), ("one", 20), ("old", 10)] {
        put(database, &verifier(instance, secs)).await;
    }
    let since = NOW + Period::secs(20);
    let expected = [verifier("one", 20), verifier("two", 30)];
    assert_eq!(database.store.verifiers(since).await.unwrap(), expected);
    assert_eq!(database.store.forget_verifiers(since).await.unwrap(), 1);
    assert_eq!(database.store.verifiers(NOW).await.unwrap(), expected);
}
