//! Tokens bound to a client certificate.

use keywright_verify::{Possession, Presented, ProofOf};
use serde_json::json;

use crate::possession::{Scene, URL, dpop, sha256};
use crate::support::{code, with};

#[test]
fn a_certificate_bound_token_needs_the_same_certificate() {
    let scene = Scene::new(Possession::new());
    let token = scene
        .issuer
        .token(&with("cnf", json!({"x5t#S256": sha256(b"certificate")})));
    assert_eq!(scene.plain(&token, Some(b"certificate")), "accepted");
    for shown in [None, Some(&b"another"[..]), Some(b"")] {
        assert_eq!(scene.plain(&token, shown), "wrong_certificate");
    }
    let malformed = scene.issuer.token(&with("cnf", json!({"x5t#S256": ""})));
    assert_eq!(scene.plain(&malformed, None), "wrong_certificate");
}

#[test]
fn a_token_bound_twice_needs_both() {
    let scene = dpop();
    let cnf = json!({"jkt": scene.client.jkt, "x5t#S256": sha256(b"certificate")});
    let token = scene.issuer.token(&with("cnf", cnf));
    let proof = scene
        .client
        .proof(&scene.claims_with("ath", sha256(token.as_bytes())));
    let dpop = Some(ProofOf {
        proof: &proof,
        method: "GET",
        url: URL,
    });
    let present = |dpop, certificate| {
        code(
            scene
                .verifier
                .verify(&token, &Presented { dpop, certificate }),
        )
    };
    assert_eq!(present(dpop, None), "wrong_certificate");
    assert_eq!(present(None, Some(&b"certificate"[..])), "proof_required");
    assert_eq!(present(dpop, Some(b"certificate")), "accepted");
}
