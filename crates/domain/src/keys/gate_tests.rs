use keywright_jwt::{Algorithm, Jwk};

use super::*;
use crate::Time;
use crate::keys::CheckedBy;
use crate::secret::Sealed;

/// The public key of RFC 8037 appendix A.2.
const JWK: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn key(kid: &str, algorithm: Algorithm, state: KeyState) -> KeyRecord {
    let used = matches!(
        state,
        KeyState::Active | KeyState::Retiring | KeyState::Revoked
    );
    KeyRecord {
        kid: kid.to_owned(),
        ring: RingId {
            algorithm,
            audience: None,
        },
        public: Some(Jwk::parse(JWK.as_bytes()).unwrap()),
        sealed: Sealed::from_bytes(Vec::new()),
        state,
        created_at: Time::from_secs(1),
        published_at: Some(Time::from_secs(1)),
        activated_at: used.then_some(Time::from_secs(2)),
        verifies_until: None,
        ended_at: None,
    }
}

fn to(kid: &str, to: KeyState) -> Step {
    Step::Move {
        kid: kid.to_owned(),
        to,
    }
}

/// A due rotation from `old` to `new`, and something else that is due as well.
fn rotation() -> (Vec<KeyRecord>, Vec<Step>) {
    let keys = vec![
        key("old", Algorithm::Es256, KeyState::Active),
        key("new", Algorithm::Es256, KeyState::Published),
        key("other", Algorithm::EdDsa, KeyState::Retiring),
    ];
    let steps = vec![
        to("old", KeyState::Retiring),
        to("new", KeyState::Active),
        to("other", KeyState::Retired),
    ];
    (keys, steps)
}

/// Every ring is checked by services.
fn services(keys: &[KeyRecord]) -> Wanted {
    let rings = keys.iter().map(|key| key.ring.clone());
    rings.map(|ring| (ring, CheckedBy::Services)).collect()
}

fn admit(steps: Vec<Step>, keys: &[KeyRecord], evidence: &Evidence) -> Admitted {
    let waiting = candidates(&steps, keys, &services(keys));
    super::admit(steps.clone(), keys, &waiting, evidence)
}

fn seen(kid: &str) -> Evidence {
    Evidence {
        probed: [kid.to_owned()].into(),
        ..Evidence::default()
    }
}

#[test]
fn a_key_that_was_seen_and_that_nobody_lacks_signs() {
    let (keys, steps) = rotation();
    let admitted = admit(steps.clone(), &keys, &seen("new"));
    assert_eq!(
        admitted,
        Admitted {
            steps,
            held: BTreeMap::new()
        }
    );
}

#[test]
fn each_doubt_keeps_the_last_good_key_and_nothing_else() {
    let who = || vec!["orders/1".to_owned()];
    let lacking = Evidence {
        lacking: [("new".to_owned(), who())].into(),
        ..seen("new")
    };
    let alarmed = Evidence {
        alarmed: who(),
        ..seen("new")
    };
    let failed = Evidence {
        failed: [("new".to_owned(), "404".to_owned())].into(),
        ..Evidence::default()
    };
    for (evidence, doubt) in [
        (Evidence::default(), Doubt::Unprobed),
        (seen("another"), Doubt::Unprobed),
        (failed, Doubt::ProbeFailed("404".to_owned())),
        (lacking, Doubt::Lacking(who())),
        (alarmed, Doubt::UnknownKeys(who())),
    ] {
        let (keys, steps) = rotation();
        let admitted = admit(steps, &keys, &evidence);
        assert_eq!(admitted.held, BTreeMap::from([("new".to_owned(), doubt)]));
        assert_eq!(admitted.steps, [to("other", KeyState::Retired)]);
    }
}

#[test]
fn the_first_key_of_a_new_algorithm_needs_evidence_too() {
    let keys = [
        key("old", Algorithm::Es256, KeyState::Active),
        key("new", Algorithm::EdDsa, KeyState::Published),
    ];
    let steps = vec![to("new", KeyState::Active)];
    let wanted = services(&keys);
    assert_eq!(candidates(&steps, &keys, &wanted).len(), 1);
}

#[test]
fn the_first_key_that_clients_alone_check_needs_none() {
    let keys = [
        key("old", Algorithm::Es256, KeyState::Active),
        key("new", Algorithm::Rs256, KeyState::Published),
    ];
    let steps = vec![to("new", KeyState::Active)];
    let mut wanted = services(&keys);
    wanted.insert(keys[1].ring.clone(), CheckedBy::Clients);
    assert_eq!(candidates(&steps, &keys, &wanted), Vec::<&KeyRecord>::new());
}

#[test]
fn a_fresh_issuer_and_a_ring_whose_signer_was_revoked_do_not_wait() {
    let fresh = [key("new", Algorithm::Es256, KeyState::Published)];
    let revoked = [
        key("old", Algorithm::Es256, KeyState::Revoked),
        key("new", Algorithm::Es256, KeyState::Published),
    ];
    let steps = vec![to("new", KeyState::Active)];
    for keys in [&fresh[..], &revoked[..]] {
        let admitted = admit(steps.clone(), keys, &Evidence::default());
        assert_eq!(admitted.steps, steps);
    }
}

#[test]
fn a_symmetric_key_is_not_looked_for_in_the_key_set() {
    let (mut keys, steps) = rotation();
    keys[1].public = None;
    assert_eq!(
        admit(steps, &keys, &Evidence::default()).held,
        BTreeMap::new()
    );
}
