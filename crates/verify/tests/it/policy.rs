//! What a validly signed token must say to be accepted here and now.
use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, code, good, with};
use keywright_jwt::{Algorithm, Claims};
use keywright_verify::{
    BuildError, KeySlot, Profile, Revocation, Status, Verifier, VerifierBuilder, WhenUnknown,
};
use serde_json::{Value, json};

fn outcome_with(
    configure: impl FnOnce(VerifierBuilder) -> VerifierBuilder,
    claims: &Value,
) -> &'static str {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let verifier = configure(issuer.builder()).build().expect("a verifier");
    code(verifier.verify(&issuer.token(claims)))
}

fn outcome(claims: &Value) -> &'static str {
    outcome_with(|builder| builder, claims)
}

#[test]
fn a_good_token_is_accepted_and_its_claims_are_readable() {
    for algorithm in Algorithm::ALL {
        let issuer = Issuer::new(algorithm);
        let verified = issuer
            .verifier()
            .verify(&issuer.token(&good()))
            .expect("accepted");
        assert_eq!(
            (verified.sub(), verified.client_id()),
            (Some("alice"), Some("shop")),
            "{algorithm}"
        );
        assert_eq!(
            (verified.sid(), verified.jti(), verified.exp()),
            (Some("s1"), Some("t1"), Some(NOW + 300))
        );
        assert_eq!(
            verified.scopes().collect::<Vec<_>>(),
            ["read:orders", "write:orders"]
        );
        assert!(verified.has_role("editor") && !verified.has_role("admin"));
        assert_eq!(verified.deserialize::<Value>().expect("JSON"), good());
    }
}

#[test]
fn every_claim_of_rfc_9068_is_required() {
    for name in ["iss", "sub", "aud", "client_id", "exp", "iat", "jti"] {
        assert_eq!(outcome(&with(name, Value::Null)), "missing_claim", "{name}");
    }
    for name in ["sub", "client_id", "jti"] {
        assert_eq!(outcome(&with(name, "")), "missing_claim", "{name} is empty");
    }
}

#[test]
fn expiry_is_exact_at_the_edge_of_the_leeway() {
    assert_eq!(outcome(&with("exp", NOW - 59)), "accepted");
    assert_eq!(outcome(&with("exp", NOW - 60)), "expired");
    assert_eq!(
        outcome_with(|builder| builder.leeway(0), &with("exp", NOW + 1)),
        "accepted"
    );
    assert_eq!(
        outcome_with(|builder| builder.leeway(0), &with("exp", NOW)),
        "expired"
    );
    for exp in [0, -1, -(1_i64 << 53)] {
        assert_eq!(outcome(&with("exp", exp)), "expired", "{exp}");
    }
}

#[test]
fn not_before_is_exact_at_the_edge_of_the_leeway() {
    assert_eq!(outcome(&with("nbf", NOW + 60)), "accepted");
    assert_eq!(outcome(&with("nbf", NOW + 61)), "not_yet_valid");
    assert_eq!(
        outcome_with(|builder| builder.leeway(0), &with("nbf", NOW)),
        "accepted"
    );
    assert_eq!(
        outcome_with(|builder| builder.leeway(0), &with("nbf", NOW + 1)),
        "not_yet_valid"
    );
}

#[test]
fn a_token_from_the_future_is_refused() {
    assert_eq!(outcome(&with("iat", NOW + 60)), "accepted");
    assert_eq!(outcome(&with("iat", NOW + 61)), "issued_in_future");
}

#[test]
fn the_issuer_matches_byte_for_byte() {
    let others = [
        "",
        "https://id.example/",
        "https://ID.example",
        "http://id.example",
        "https://id.example:443",
        "https://id.example.evil.example",
        "https://id.exampl",
        "https://\u{456}d.example",
        " https://id.example",
    ];
    for issuer in others {
        assert_eq!(outcome(&with("iss", issuer)), "wrong_issuer", "{issuer:?}");
    }
    assert_eq!(outcome(&with("iss", json!([ISSUER]))), "claims_malformed");
}

#[test]
fn the_audience_matches_byte_for_byte() {
    let others = [
        json!(""),
        json!("https://orders.example/"),
        json!("https://orders.exampl"),
        json!("HTTPS://ORDERS.EXAMPLE"),
        json!("https://orders.example.evil.example"),
        json!(["https://billing.example"]),
        json!(["", "x"]),
    ];
    for audience in others {
        assert_eq!(
            outcome(&with("aud", audience.clone())),
            "wrong_audience",
            "{audience}"
        );
    }
    assert_eq!(outcome(&with("aud", json!([]))), "missing_claim");
    for audience in [
        json!({AUDIENCE: 1}),
        json!([[AUDIENCE]]),
        json!([AUDIENCE, 1]),
        json!(1),
        json!(true),
    ] {
        assert_eq!(
            outcome(&with("aud", audience.clone())),
            "claims_malformed",
            "{audience}"
        );
    }
    assert_eq!(
        outcome(&with("aud", json!(["https://billing.example", AUDIENCE]))),
        "accepted"
    );
    let both = |builder: VerifierBuilder| builder.audience("https://billing.example");
    assert_eq!(
        outcome_with(both, &with("aud", "https://billing.example")),
        "accepted"
    );
}

#[test]
fn dates_that_are_no_safe_integers_are_refused() {
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!("1700000000"),
            json!(1.5),
            json!((1_i64 << 53) + 1),
            json!(true),
            json!([1]),
            json!({}),
        ] {
            assert_eq!(
                outcome(&with(name, value.clone())),
                "claims_malformed",
                "{name}: {value}"
            );
        }
    }
}

#[test]
fn only_the_two_spellings_of_the_access_token_type_are_accepted() {
    let issuer = Issuer::new(Algorithm::Es256);
    let typed = |typ| {
        let token = issuer
            .key
            .sign(typ, good().to_string().as_bytes())
            .expect("a signature");
        code(issuer.verifier().verify(&token))
    };
    assert_eq!(typed("at+jwt"), "accepted");
    assert_eq!(typed("application/at+jwt"), "accepted");
    for typ in [
        "JWT",
        "AT+JWT",
        "at+JWT",
        "id+jwt",
        "logout+jwt",
        "statuslist+jwt",
        "dpop+jwt",
        "at",
        "application/at+jwt+x",
    ] {
        assert_eq!(typed(typ), "wrong_type", "{typ}");
    }
}

#[test]
fn another_profile_accepts_its_own_type_only() {
    let issuer = Issuer::new(Algorithm::Es256);
    let verifier = issuer
        .builder()
        .profile(Profile::Jwt {
            typ: Some("JWT".to_owned()),
        })
        .build()
        .expect("a verifier");
    let plain = json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 1});
    let sign = |typ| {
        issuer
            .key
            .sign(typ, plain.to_string().as_bytes())
            .expect("a signature")
    };
    assert_eq!(code(verifier.verify(&sign("JWT"))), "accepted");
    assert_eq!(code(verifier.verify(&sign("at+jwt"))), "wrong_type");
    assert_eq!(code(verifier.verify(&sign("jwt"))), "wrong_type");
}

#[test]
fn a_type_that_was_recognised_for_one_verifier_is_still_refused_by_another() {
    let issuer = Issuer::new(Algorithm::Es256);
    let slot = issuer.slot();
    let build = |profile| {
        Verifier::builder(ISSUER, slot.clone())
            .audience(AUDIENCE)
            .clock(|| NOW)
            .profile(profile)
            .build()
    };
    let (plain, access) = (
        build(Profile::Jwt {
            typ: Some("JWT".to_owned()),
        }),
        build(Profile::AccessToken),
    );
    let token = issuer
        .key
        .sign("JWT", good().to_string().as_bytes())
        .expect("a signature");
    assert_eq!(code(plain.expect("a verifier").verify(&token)), "accepted");
    assert_eq!(
        code(access.expect("a verifier").verify(&token)),
        "wrong_type"
    );
}

#[test]
fn a_security_event_is_never_an_access_token() {
    assert_eq!(
        outcome(&with(
            "events",
            json!({"http://schemas.openid.net/event/backchannel-logout": {}})
        )),
        "wrong_type"
    );
}

#[test]
fn a_bound_token_is_not_taken_as_a_bearer_token() {
    let bound = with(
        "cnf",
        json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
    );
    assert_eq!(outcome(&bound), "proof_required");
    assert_eq!(
        outcome(&with("cnf", json!({"kid": "unknown method"}))),
        "proof_required"
    );
    assert_eq!(
        outcome_with(VerifierBuilder::accept_unproven_binding, &bound),
        "accepted"
    );
}

#[test]
fn required_scopes_and_roles_are_required() {
    let scope = |scope: &'static str| move |builder: VerifierBuilder| builder.require_scope(scope);
    assert_eq!(outcome_with(scope("read:orders"), &good()), "accepted");
    for other in ["read", "read:order", "read:orders write:orders", "admin"] {
        assert_eq!(
            outcome_with(scope(other), &good()),
            "insufficient_scope",
            "{other}"
        );
    }
    assert_eq!(
        outcome_with(scope("read:orders"), &with("scope", Value::Null)),
        "insufficient_scope"
    );
    let role = |role: &'static str| move |builder: VerifierBuilder| builder.require_role(role);
    assert_eq!(outcome_with(role("editor"), &good()), "accepted");
    assert_eq!(outcome_with(role("edit"), &good()), "insufficient_role");
    assert_eq!(
        outcome_with(role("editor"), &with("roles", Value::Null)),
        "insufficient_role"
    );
}

#[test]
fn age_and_strength_of_the_login_can_be_required() {
    let recent = |seconds| move |builder: VerifierBuilder| builder.leeway(0).max_login_age(seconds);
    assert_eq!(outcome_with(recent(100), &good()), "accepted");
    assert_eq!(
        outcome_with(recent(99), &good()),
        "insufficient_authentication"
    );
    assert_eq!(
        outcome_with(recent(100), &with("auth_time", Value::Null)),
        "insufficient_authentication"
    );
    let tolerant =
        |seconds| move |builder: VerifierBuilder| builder.leeway(60).max_login_age(seconds);
    assert_eq!(outcome_with(tolerant(40), &good()), "accepted");
    assert_eq!(
        outcome_with(tolerant(39), &good()),
        "insufficient_authentication"
    );
    let strong = |builder: VerifierBuilder| builder.acr("hardware").acr("mfa");
    assert_eq!(outcome_with(strong, &good()), "accepted");
    assert_eq!(
        outcome_with(strong, &with("acr", "pwd")),
        "insufficient_authentication"
    );
    assert_eq!(
        outcome_with(strong, &with("acr", Value::Null)),
        "insufficient_authentication"
    );
    let young = |builder: VerifierBuilder| builder.leeway(0).max_token_age(10);
    assert_eq!(outcome_with(young, &with("iat", NOW - 10)), "accepted");
    assert_eq!(outcome_with(young, &with("iat", NOW - 11)), "too_old");
    let tolerant = |builder: VerifierBuilder| builder.leeway(60).max_token_age(10);
    assert_eq!(outcome_with(tolerant, &with("iat", NOW - 70)), "accepted");
    assert_eq!(outcome_with(tolerant, &with("iat", NOW - 71)), "too_old");
}

struct Always(Status);

impl Revocation for Always {
    fn status(&self, claims: &Claims<'_>, now: i64) -> Status {
        assert_eq!(now, NOW);
        assert_eq!(claims.sid(), Some("s1"));
        self.0
    }
}

#[test]
fn revocation_has_the_last_word() {
    let asked = |status, when_unknown| {
        outcome_with(
            |builder| builder.revocation(Always(status), when_unknown),
            &good(),
        )
    };
    assert_eq!(asked(Status::Valid, WhenUnknown::FailClosed), "accepted");
    assert_eq!(asked(Status::Invalid, WhenUnknown::FailOpen), "revoked");
    assert_eq!(asked(Status::Suspended, WhenUnknown::FailOpen), "suspended");
    assert_eq!(asked(Status::Stale, WhenUnknown::FailOpen), "stale");
    assert_eq!(asked(Status::Unknown, WhenUnknown::FailOpen), "accepted");
    assert_eq!(
        asked(Status::Unknown, WhenUnknown::FailClosed),
        "status_unknown"
    );
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused_although_the_key_is_known() {
    let issuer = Issuer::new(Algorithm::Es256);
    let verifier = issuer
        .builder()
        .algorithms(&[Algorithm::EdDsa])
        .build()
        .expect("a verifier");
    assert_eq!(
        code(verifier.verify(&issuer.token(&good()))),
        "wrong_algorithm"
    );
}

#[test]
fn a_verifier_that_could_not_protect_anything_is_not_built() {
    let issuer = Issuer::new(Algorithm::Es256);
    let builder = || Verifier::builder(ISSUER, issuer.slot());
    assert_eq!(builder().build().err(), Some(BuildError::NoAudience));
    assert_eq!(
        builder().audience("").build().err(),
        Some(BuildError::NoAudience)
    );
    assert_eq!(
        builder().audience("a").leeway(301).build().err(),
        Some(BuildError::LeewayTooLong(301))
    );
    assert!(builder().audience("a").leeway(300).build().is_ok());
    let mixed = builder()
        .audience("a")
        .algorithms(&[Algorithm::Es256, Algorithm::Hs256]);
    assert_eq!(mixed.build().err(), Some(BuildError::MixedFamilies));
    let nameless = Verifier::builder("", KeySlot::empty()).audience("a");
    assert_eq!(nameless.build().err(), Some(BuildError::NoIssuer));
}

#[test]
fn a_failed_verification_leaves_nothing_behind_in_the_scratch() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let verifier = issuer.verifier();
    let mut scratch = keywright_verify::Scratch::default();
    let long = issuer.token(&with("sub", "x".repeat(500)));
    assert_eq!(
        verifier
            .verify_in(&long, &mut scratch)
            .expect("accepted")
            .sub()
            .map(str::len),
        Some(500)
    );
    assert!(
        verifier
            .verify_in(&issuer.token(&with("exp", 0)), &mut scratch)
            .is_err()
    );
    let claims = verifier
        .verify_in(&issuer.token(&good()), &mut scratch)
        .expect("accepted");
    assert_eq!(
        (claims.sub(), claims.json()),
        (Some("alice"), good().to_string().as_str())
    );
}

#[test]
fn the_longest_token_is_the_longest_that_is_looked_at() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let token = issuer.token(&good());
    for (limit, expected) in [
        (token.len(), "accepted"),
        (token.len() - 1, "token_too_large"),
    ] {
        let verifier = issuer.builder().max_token_bytes(limit).build();
        assert_eq!(code(verifier.expect("a verifier").verify(&token)), expected);
    }
}
