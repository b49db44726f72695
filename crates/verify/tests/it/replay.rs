//! Proofs that come again, come in floods, or come too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keywright_jwt::Algorithm;
use keywright_verify::{Dpop, Possession, Presented, ProofOf};
use serde_json::json;

use crate::possession::{Client, Scene, URL, dpop, sha256};
use crate::support::{Issuer, NOW, code, with};

#[test]
fn a_replay_is_refused_for_as_long_as_the_proof_is_current() {
    let (issuer, client) = (Issuer::new(Algorithm::EdDsa), Client::new());
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = now.clone();
    let builder = issuer.builder().clock(move || clock.load(Ordering::SeqCst));
    let dpop = Dpop::new().max_age(30).leeway(2).replay_capacity(16);
    let verifier = builder
        .build_bound(Possession::new().dpop(dpop))
        .expect("a verifier");
    let token = issuer.token(&with("cnf", json!({"jkt": client.jkt})));
    let ath = sha256(token.as_bytes());
    let proof = |jti: String, iat: i64| {
        client.proof(&json!({"jti": jti, "htm": "GET", "htu": URL, "iat": iat, "ath": ath}))
    };
    let present = |proof: &str, at: i64| {
        now.store(at, Ordering::SeqCst);
        let dpop = Some(ProofOf {
            proof,
            method: "GET",
            url: URL,
        });
        let presented = Presented {
            dpop,
            certificate: None,
        };
        code(verifier.verify(&token, &presented))
    };
    let first = proof("first".to_owned(), NOW + 2);
    assert_eq!(present(&first, NOW), "accepted");
    for at in NOW..=NOW + 34 {
        // Others fill the memory, so that whatever may be forgotten is.
        for other in 0..64 {
            present(&proof(format!("{at} {other}"), at), at);
        }
        assert_eq!(present(&first, at), "proof_replayed", "{}", at - NOW);
    }
    assert_eq!(present(&first, NOW + 35), "proof_not_current");
    let taken = (0..64)
        .filter(|other| present(&proof(other.to_string(), NOW + 200), NOW + 200) == "accepted");
    assert!(taken.count() > 8, "what has expired makes place");
}

#[test]
fn the_longest_proof_is_the_longest_that_is_looked_at() {
    let scene = dpop();
    let padded = |len: usize| {
        scene
            .client
            .proof(&scene.claims_with("jti", "j".repeat(len)))
    };
    let longest = (5_000..6_000)
        .map(padded)
        .find(|proof| proof.len() == 8_192);
    assert_eq!(
        scene.present(&longest.expect("a proof of this length")),
        "accepted"
    );
    let longer = (5_000..6_000).map(padded).find(|proof| proof.len() > 8_192);
    assert_eq!(
        scene.present(&longer.expect("a longer proof")),
        "proof_too_large"
    );
}

#[test]
fn a_flood_of_proofs_is_refused_rather_than_forgotten() {
    let scene = Scene::new(Possession::new().dpop(Dpop::new().replay_capacity(16)));
    let outcomes: Vec<_> = (0..100)
        .map(|jti| {
            scene.present(
                &scene
                    .client
                    .proof(&scene.claims_with("jti", jti.to_string())),
            )
        })
        .collect();
    let count = |wanted| outcomes.iter().filter(|code| **code == wanted).count();
    assert!((8..=16).contains(&count("accepted")), "{outcomes:?}");
    assert_eq!(count("accepted") + count("proof_overload"), 100);
    assert_eq!(
        keywright_verify::Refusal::from(keywright_verify::ProofError::Overload).http_status(),
        503
    );
}

#[test]
fn a_refused_token_uses_up_no_proof() {
    let scene = dpop();
    let proof = scene.client.proof(&scene.claims());
    let expired = scene.issuer.token(&with("exp", NOW - 100));
    let dpop = Some(ProofOf {
        proof: &proof,
        method: "GET",
        url: URL,
    });
    assert_eq!(
        code(scene.verifier.verify(
            &expired,
            &Presented {
                dpop,
                certificate: None
            }
        )),
        "expired"
    );
    assert_eq!(scene.present(&proof), "accepted");
}
