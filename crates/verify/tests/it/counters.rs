//! What a service reports about its verifications.

use keywright_jwt::Algorithm;
use keywright_verify::{StatusLists, WhenUnknown};

use crate::support::{ISSUER, Issuer, NOW, good, with};

#[test]
fn each_outcome_is_counted_under_its_code_by_all_clones() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let verifier = issuer.verifier();
    let clone = verifier.clone();
    let token = issuer.token(&good());
    for _ in 0..3 {
        assert!(verifier.verify(&token).is_ok());
    }
    assert!(clone.verify_in(&token, &mut Default::default()).is_ok());
    let stranger = Issuer::new(Algorithm::EdDsa);
    assert!(clone.verify(&stranger.token(&good())).is_err());
    for expired in [NOW - 100, NOW - 200] {
        assert!(
            verifier
                .verify(&issuer.token(&with("exp", expired)))
                .is_err()
        );
    }
    assert!(verifier.verify("no token").is_err());
    let counts = verifier.counters();
    assert_eq!(counts.accepted, 4);
    let refused: Vec<_> = counts.refused.into_iter().collect();
    assert_eq!(
        refused,
        [("expired", 2), ("not_compact_jws", 1), ("unknown_key", 1)]
    );
    assert_eq!(
        (counts.kids, counts.revocation),
        (vec![issuer.key.kid().to_owned()], None)
    );
    assert!(counts.timing.iter().any(|bucket| bucket.count > 0));
}

#[test]
fn the_age_of_revocation_knowledge_is_reported() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let lists = StatusLists::new(ISSUER, issuer.slot(), 600);
    let builder = issuer.builder().clock(|| NOW + 42);
    let verifier = builder
        .revocation(lists.clone(), WhenUnknown::FailClosed)
        .build()
        .expect("a verifier");
    let age = || verifier.counters().revocation.expect("a source").age;
    assert_eq!(age(), None);
    let uri = "https://id.example/status/1";
    let claims = crate::status_list::list_claims(&[0]).to_string();
    let list = issuer
        .key
        .sign("statuslist+jwt", claims.as_bytes())
        .expect("a signature");
    lists.take(uri, &list, NOW).expect("a list");
    assert_eq!(age(), Some(42));
}
