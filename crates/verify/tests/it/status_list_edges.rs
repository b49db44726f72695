//! The last second, the last list and the last letter that a status list may have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keywright_jwt::Algorithm;
use keywright_verify::{Revocation, StatusListError, StatusLists, Verifier, WhenUnknown};
use serde_json::{Value, json};

use crate::status_list::{Scene, URI, list_claims};
use crate::support::{AUDIENCE, Issuer, NOW, with};

fn changed(name: &str, value: Value) -> Value {
    let mut claims = list_claims(&[0]);
    claims[name] = value;
    claims
}

#[test]
fn a_list_is_taken_to_the_edge_of_its_time() {
    for (name, value, taken) in [
        ("iat", NOW + 300, true),
        ("iat", NOW + 301, false),
        ("exp", NOW + 1, true),
        ("exp", NOW, false),
    ] {
        let outcome = Scene::new().take(&changed(name, json!(value)), NOW);
        assert_eq!(outcome.is_ok(), taken, "{name} {value}");
    }
}

#[test]
fn a_list_that_names_no_ttl_is_asked_for_again_in_five_minutes() {
    let mut claims = list_claims(&[0]);
    claims.as_object_mut().expect("an object").remove("ttl");
    assert_eq!(Scene::new().take(&claims, NOW), Ok(300));
    assert_eq!(Scene::new().take(&changed("ttl", json!(1)), NOW), Ok(1));
}

#[test]
fn a_list_of_the_same_second_replaces_the_one_that_is_held() {
    let scene = Scene::new();
    assert!(scene.take(&list_claims(&[0]), NOW).is_ok());
    assert!(scene.take(&list_claims(&[0, 0, 0, 0, 0]), NOW).is_ok());
    let state = scene.lists.state(NOW);
    assert_eq!(
        (state.len(), state[0].entries, state[0].issued_at),
        (1, 8, NOW)
    );
}

#[test]
fn an_issuer_has_so_many_lists_and_no_more() {
    let scene = Scene::new();
    let take = |number: usize| {
        let uri = format!("https://id.example/status/{number}");
        let list = scene.list(&changed("sub", json!(uri)));
        scene.lists.take(&uri, &list, NOW)
    };
    assert!((0..64).all(|number| take(number).is_ok()));
    assert_eq!(take(64), Err(StatusListError::Address));
    assert!(take(63).is_ok(), "one that is held can be renewed");
    assert_eq!(scene.lists.state(NOW).len(), 64);
}

#[test]
fn the_oldest_list_is_the_age_of_the_knowledge() {
    let scene = Scene::new();
    assert!(scene.take(&list_claims(&[0]), NOW).is_ok());
    let uri = "https://id.example/status/2";
    let list = scene.list(&changed("sub", json!(uri)));
    assert!(scene.lists.take(uri, &list, NOW + 50).is_ok());
    let age = |now| scene.lists.knowledge(now).expect("an answer").age;
    assert_eq!(age(NOW + 60), Some(60));
    scene.lists.confirm(URI, NOW + 55);
    assert_eq!(age(NOW + 60), Some(10));
}

#[test]
fn an_issuer_with_a_path_has_its_lists_on_its_host() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let lists = StatusLists::new("https://id.example/tenant/a", issuer.slot(), 600);
    let take = |uri: &str| {
        let mut claims = changed("sub", json!(uri));
        claims.as_object_mut().expect("an object").remove("iss");
        let token = issuer
            .key
            .sign("statuslist+jwt", claims.to_string().as_bytes());
        lists.take(uri, &token.expect("a signature"), NOW)
    };
    assert!(take("https://id.example/tenant/a/status").is_ok());
    assert!(take("https://id.example/status").is_ok());
    assert_eq!(
        take("https://id.example.evil.example/status"),
        Err(StatusListError::Address)
    );
    assert_eq!(
        take("https://id.exam/status"),
        Err(StatusListError::Address)
    );
}

#[test]
fn whoever_fetches_is_told_once_per_list() {
    let scene = Scene::new();
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    scene.lists.on_want(move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let verifier = Verifier::builder("https://id.example", scene.issuer.slot())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .revocation(scene.lists.clone(), WhenUnknown::FailOpen)
        .build()
        .expect("a verifier");
    for list in [1, 1, 2, 2, 1] {
        let uri = format!("https://id.example/status/{list}");
        let claims = with("status", json!({"status_list": {"idx": 0, "uri": uri}}));
        assert!(verifier.verify(&scene.issuer.token(&claims)).is_ok());
    }
    assert_eq!(told.load(Ordering::SeqCst), 2);
}
