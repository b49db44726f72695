//! Tokens that were accepted before are recognised, and refused as soon as anything speaks against them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use keywright_jwt::{Algorithm, Claims, JwkSet};
use keywright_verify::{KeySlot, Revocation, Status, Verifier, WhenUnknown};

use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, code, good, with};

const BYTES: usize = 1 << 20;

fn cached(issuer: &Issuer) -> Verifier {
    issuer.builder().cache(BYTES).build().expect("a verifier")
}

#[test]
fn a_token_seen_before_is_answered_from_the_same_memory() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let (verifier, token) = (cached(&issuer), issuer.token(&good()));
    let address = || {
        let verified = verifier.verify(&token).expect("accepted");
        assert_eq!(verified.sub(), Some("alice"));
        verified.claims().json().as_ptr()
    };
    assert_eq!(address(), address());
}

#[test]
fn without_a_cache_nothing_is_remembered() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let (verifier, token) = (issuer.verifier(), issuer.token(&good()));
    let first = verifier.verify(&token).expect("accepted");
    let second = verifier.verify(&token).expect("accepted");
    assert_ne!(
        first.claims().json().as_ptr(),
        second.claims().json().as_ptr()
    );
}

#[test]
fn each_thread_remembers_for_itself() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let (verifier, token) = (cached(&issuer), issuer.token(&good()));
    let here = verifier.verify(&token).expect("accepted");
    std::thread::scope(|scope| {
        let there = scope.spawn(|| verifier.verify(&token).expect("accepted"));
        let there = there.join().expect("no panic");
        assert_eq!(here.claims().json(), there.claims().json());
        assert_ne!(
            here.claims().json().as_ptr(),
            there.claims().json().as_ptr()
        );
    });
}

#[test]
fn a_remembered_token_expires_to_the_second() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Arc::clone(&now);
    let verifier = issuer
        .builder()
        .clock(move || clock.load(Ordering::Relaxed))
        .cache(BYTES)
        .build()
        .expect("a verifier");
    let token = issuer.token(&with("nbf", NOW));
    for (time, outcome) in [
        (NOW, "accepted"),
        (NOW + 359, "accepted"),
        (NOW + 360, "expired"),
        (NOW, "accepted"),
        (NOW - 61, "not_yet_valid"),
    ] {
        now.store(time, Ordering::Relaxed);
        assert_eq!(code(verifier.verify(&token)), outcome, "{}", time - NOW);
    }
}

#[test]
fn a_remembered_login_grows_too_old() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Arc::clone(&now);
    let builder = issuer
        .builder()
        .clock(move || clock.load(Ordering::Relaxed))
        .max_login_age(200);
    let verifier = builder.cache(BYTES).build().expect("a verifier");
    let token = issuer.token(&good());
    assert_eq!(code(verifier.verify(&token)), "accepted");
    now.store(NOW + 161, Ordering::Relaxed);
    assert_eq!(code(verifier.verify(&token)), "insufficient_authentication");
}

#[test]
fn a_remembered_token_is_refused_once_revoked() {
    struct Switch(Arc<AtomicBool>);

    impl Revocation for Switch {
        fn status(&self, _: &Claims<'_>, _: i64) -> Status {
            if self.0.load(Ordering::Relaxed) {
                Status::Invalid
            } else {
                Status::Valid
            }
        }
    }

    let issuer = Issuer::new(Algorithm::EdDsa);
    let revoked = Arc::new(AtomicBool::new(false));
    let builder = issuer
        .builder()
        .revocation(Switch(Arc::clone(&revoked)), WhenUnknown::FailClosed);
    let verifier = builder.cache(BYTES).build().expect("a verifier");
    let token = issuer.token(&good());
    assert_eq!(code(verifier.verify(&token)), "accepted");
    revoked.store(true, Ordering::Relaxed);
    assert_eq!(code(verifier.verify(&token)), "revoked");
}

#[test]
fn other_keys_make_it_forget() {
    let (issuer, next) = (Issuer::new(Algorithm::EdDsa), Issuer::new(Algorithm::EdDsa));
    let slot = KeySlot::new(issuer.jwks()).expect("a usable key");
    let verifier = Verifier::builder(ISSUER, slot.clone())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .cache(BYTES)
        .build()
        .expect("a verifier");
    let token = issuer.token(&good());
    assert_eq!(code(verifier.verify(&token)), "accepted");
    slot.replace(next.jwks()).expect("a usable key");
    assert_eq!(code(verifier.verify(&token)), "unknown_key");
    slot.replace(issuer.jwks()).expect("a usable key");
    assert_eq!(code(verifier.verify(&token)), "accepted");
    slot.clear();
    assert_eq!(code(verifier.verify(&token)), "keys_unavailable");
    assert!(slot.replace(JwkSet { keys: Vec::new() }).is_err());
    assert_eq!(code(verifier.verify(&token)), "keys_unavailable");
}

#[test]
fn a_remembered_signature_vouches_for_no_other_token() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let verifier = cached(&issuer);
    let token = issuer.token(&good());
    let other = issuer.token(&with("sub", "mallory"));
    let signature = |token: &str| token.rfind('.').map_or(0, |at| at + 1);
    let forged = format!(
        "{}{}",
        &other[..signature(&other)],
        &token[signature(&token)..]
    );
    assert_eq!(code(verifier.verify(&token)), "accepted");
    assert_eq!(code(verifier.verify(&forged)), "signature_invalid");
    assert_eq!(code(verifier.verify(&token)), "accepted");
}

#[test]
fn two_verifiers_of_one_thread_do_not_answer_for_each_other() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let lenient = cached(&issuer);
    let builder = issuer.builder().require_role("admin");
    let strict = builder.cache(BYTES).build().expect("a verifier");
    let token = issuer.token(&good());
    assert_eq!(code(lenient.verify(&token)), "accepted");
    assert_eq!(code(strict.verify(&token)), "insufficient_role");
}
