//! Revocation by status list: what is taken, what it says about tokens, and when it is too old to say anything.

use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Algorithm;
use keywright_verify::{
    Revocation, Status, StatusChange, StatusListError, StatusLists, Verifier, WhenUnknown,
};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, code, with};

pub const URI: &str = "https://id.example/status/1";
const MAX_AGE: u32 = 600;

/// `lst` of two bits per entry.
pub fn lst(entries: &[u8]) -> String {
    let mut bytes = vec![0_u8; entries.len().div_ceil(4)];
    for (index, value) in entries.iter().enumerate() {
        bytes[index / 4] |= value << (2 * (index % 4));
    }
    URL_SAFE_NO_PAD.encode_to_string(miniz_oxide::deflate::compress_to_vec_zlib(&bytes, 9))
}

pub fn list_claims(entries: &[u8]) -> Value {
    json!({"iss": ISSUER, "sub": URI, "iat": NOW, "exp": NOW + 3600, "ttl": 60,
        "status_list": {"bits": 2, "lst": lst(entries)}})
}

pub struct Scene {
    pub issuer: Issuer,
    pub lists: StatusLists,
}

impl Scene {
    pub fn new() -> Self {
        let issuer = Issuer::new(Algorithm::EdDsa);
        let lists = StatusLists::new(ISSUER, issuer.slot(), MAX_AGE);
        Self { issuer, lists }
    }

    /// With a list whose entries 0 to 3 have the values 0 to 3.
    fn listed() -> Self {
        let scene = Self::new();
        assert_eq!(scene.take(&list_claims(&[0, 1, 2, 3]), NOW), Ok(60));
        scene
    }

    pub fn take(&self, claims: &Value, now: i64) -> Result<u64, StatusListError> {
        self.lists.take(URI, &self.list(claims), now)
    }

    pub fn list(&self, claims: &Value) -> String {
        let key = &self.issuer.key;
        key.sign("statuslist+jwt", claims.to_string().as_bytes())
            .expect("a signature")
    }

    fn verifier(&self, when_unknown: WhenUnknown, now: i64) -> Verifier {
        Verifier::builder(ISSUER, self.issuer.slot())
            .audience(AUDIENCE)
            .clock(move || now)
            .revocation(self.lists.clone(), when_unknown)
            .build()
            .expect("a verifier")
    }

    fn outcome(&self, reference: Value, when_unknown: WhenUnknown, now: i64) -> &'static str {
        let mut claims = with("status", json!({"status_list": reference}));
        claims["exp"] = json!(now + 60);
        code(
            self.verifier(when_unknown, now)
                .verify(&self.issuer.token(&claims)),
        )
    }

    fn at(&self, index: u64) -> &'static str {
        self.outcome(
            json!({"idx": index, "uri": URI}),
            WhenUnknown::FailClosed,
            NOW,
        )
    }
}

#[test]
fn each_entry_says_what_the_specification_says() {
    let scene = Scene::listed();
    let answers = [0, 1, 2, 3].map(|index| scene.at(index));
    assert_eq!(answers, ["accepted", "revoked", "suspended", "stale"]);
}

#[test]
fn a_token_without_a_reference_cannot_be_revoked_by_a_list() {
    let scene = Scene::new();
    let verifier = scene.verifier(WhenUnknown::FailClosed, NOW);
    assert_eq!(
        code(verifier.verify(&scene.issuer.token(&crate::support::good()))),
        "accepted"
    );
}

#[test]
fn a_status_by_an_unknown_mechanism_is_unknown() {
    let scene = Scene::listed();
    for status in [
        json!({}),
        json!({"status_list": {}}),
        json!({"future": {"id": 1}}),
    ] {
        let token = scene.issuer.token(&with("status", status.clone()));
        let answers = [WhenUnknown::FailOpen, WhenUnknown::FailClosed]
            .map(|when_unknown| code(scene.verifier(when_unknown, NOW).verify(&token)));
        assert_eq!(answers, ["accepted", "status_unknown"], "{status}");
    }
}

#[test]
fn half_a_reference_is_no_permission() {
    let scene = Scene::listed();
    for half in [json!({"idx": 0}), json!({"uri": URI})] {
        assert_eq!(scene.outcome(half, WhenUnknown::FailOpen, NOW), "revoked");
    }
}

#[test]
fn a_list_that_nobody_has_brought_is_unknown_and_wanted() {
    let scene = Scene::new();
    let reference = || json!({"idx": 0, "uri": URI});
    assert_eq!(
        scene.outcome(reference(), WhenUnknown::FailClosed, NOW),
        "status_unknown"
    );
    assert_eq!(
        scene.outcome(reference(), WhenUnknown::FailOpen, NOW),
        "accepted"
    );
    assert_eq!(scene.lists.wanted(), [URI]);
    assert!(scene.take(&list_claims(&[0]), NOW).is_ok());
    assert!(scene.lists.wanted().is_empty());
    assert_eq!(scene.at(0), "accepted");
}

#[test]
fn tokens_lead_nobody_to_another_host() {
    let scene = Scene::new();
    let elsewhere = [
        "https://evil.example/status/1",
        "https://id.example.evil.example/1",
        "https://id.example@evil.example/1",
        "https://id.example:8443/1",
        "http://id.example/status/1",
        "file:///etc/passwd",
        "",
    ];
    for uri in elsewhere {
        let reference = json!({"idx": 0, "uri": uri});
        assert_eq!(
            scene.outcome(reference, WhenUnknown::FailClosed, NOW),
            "status_unknown"
        );
        let taken = scene.lists.take(uri, &scene.list(&list_claims(&[0])), NOW);
        assert_eq!(taken, Err(StatusListError::Address), "{uri}");
    }
    assert!(scene.lists.wanted().is_empty());
    for list in 0..1000 {
        let reference = json!({"idx": 0, "uri": format!("https://id.example/{list}")});
        scene.outcome(reference, WhenUnknown::FailOpen, NOW);
    }
    assert_eq!(scene.lists.wanted().len(), 64);
}

#[test]
fn knowledge_beyond_its_age_decides_nothing_but_revocation() {
    let scene = Scene::listed();
    let later = |index: u64, when_unknown, seconds| {
        let reference = json!({"idx": index, "uri": URI});
        scene.outcome(reference, when_unknown, NOW + seconds)
    };
    let (last, old) = (i64::from(MAX_AGE), i64::from(MAX_AGE) + 1);
    assert_eq!(later(0, WhenUnknown::FailClosed, last), "accepted");
    assert_eq!(later(0, WhenUnknown::FailClosed, old), "status_unknown");
    assert_eq!(later(2, WhenUnknown::FailOpen, old), "accepted");
    for policy in [WhenUnknown::FailOpen, WhenUnknown::FailClosed] {
        assert_eq!(later(1, policy, old), "revoked");
    }
    scene.lists.confirm(URI, NOW + old);
    assert_eq!(later(0, WhenUnknown::FailClosed, old), "accepted");
    // Whatever confirms it, a list ends with its `exp`.
    scene.lists.confirm(URI, NOW + 3600);
    assert_eq!(later(0, WhenUnknown::FailClosed, 3599), "accepted");
    assert_eq!(later(0, WhenUnknown::FailClosed, 3600), "status_unknown");
}

#[test]
fn a_clock_that_is_set_back_makes_no_list_old() {
    let scene = Scene::listed();
    assert_eq!(scene.lists.state(NOW - 600)[0].age, 0);
    assert!(scene.lists.state(NOW - 600)[0].current);
}

#[test]
fn the_age_and_the_position_are_readable() {
    let scene = Scene::listed();
    let state = &scene.lists.state(NOW + 30)[0];
    assert_eq!((state.uri.as_str(), state.entries, state.age), (URI, 4, 30));
    assert!(state.current && !scene.lists.state(NOW + 601)[0].current);
    let knowledge = scene.lists.knowledge(NOW + 7).expect("an age");
    assert_eq!((knowledge.age, knowledge.position), (Some(7), 0));
    assert_eq!(
        Scene::new().lists.knowledge(NOW).expect("an answer").age,
        None
    );
}

#[test]
fn an_entry_beyond_the_end_is_refused_unless_the_list_may_have_grown() {
    let scene = Scene::new();
    let mut older = list_claims(&[0, 0, 0, 0]);
    older["iat"] = json!(NOW - 1);
    assert!(scene.take(&older, NOW).is_ok());
    assert_eq!(scene.at(4), "status_unknown");
    // Minted in the second in which the list was published: it may or may not know the token.
    assert!(scene.take(&list_claims(&[0, 0, 0, 0]), NOW).is_ok());
    assert_eq!(scene.at(4), "status_unknown");
    let mut newer = list_claims(&[0, 0, 0, 0]);
    newer["iat"] = json!(NOW + 1);
    assert!(scene.take(&newer, NOW).is_ok());
    assert_eq!(
        (scene.at(3), scene.at(4), scene.at(u64::MAX >> 12)),
        ("accepted", "revoked", "revoked")
    );
}

#[test]
fn a_status_of_another_application_is_no_permission() {
    let scene = Scene::new();
    let mut claims = list_claims(&[]);
    let bytes = miniz_oxide::deflate::compress_to_vec_zlib(&[0x40, 0x0b], 9);
    claims["status_list"] = json!({"bits": 4, "lst": URL_SAFE_NO_PAD.encode_to_string(bytes)});
    assert!(scene.take(&claims, NOW).is_ok());
    assert_eq!(
        [0, 1, 2, 3].map(|index| scene.at(index)),
        ["accepted", "revoked", "revoked", "accepted"]
    );
}

#[test]
fn a_list_that_is_not_taken_leaves_the_old_one() {
    let scene = Scene::listed();
    let with = |name: &str, value: Value| {
        let mut claims = list_claims(&[1, 0, 0, 0]);
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(name);
        } else {
            claims[name] = value;
        }
        scene.take(&claims, NOW).expect_err(name)
    };
    assert_eq!(
        with("iss", json!("https://evil.example")),
        StatusListError::WrongIssuer
    );
    assert_eq!(
        with("sub", json!("https://id.example/status/2")),
        StatusListError::WrongList
    );
    assert_eq!(
        with("sub", Value::Null),
        StatusListError::MissingClaim("sub")
    );
    assert_eq!(
        with("iat", Value::Null),
        StatusListError::MissingClaim("iat")
    );
    assert_eq!(with("iat", json!(NOW - 1)), StatusListError::Older);
    assert_eq!(
        with("iat", json!(NOW + 301)),
        StatusListError::IssuedInFuture
    );
    assert_eq!(with("exp", json!(NOW)), StatusListError::Expired);
    assert_eq!(with("ttl", json!(0)), StatusListError::MissingClaim("ttl"));
    assert_eq!(
        with("status_list", Value::Null),
        StatusListError::MissingClaim("status_list")
    );
    for (bits, expected) in [(0, StatusListError::Bits(0)), (3, StatusListError::Bits(3))] {
        assert_eq!(
            with("status_list", json!({"bits": bits, "lst": lst(&[1])})),
            expected
        );
    }
    let padded = lst(&[1]) + "=";
    assert_eq!(
        with("status_list", json!({"bits": 2, "lst": padded})),
        StatusListError::Compression
    );
    assert_eq!((scene.at(0), scene.at(1)), ("accepted", "revoked"));
}

#[test]
fn a_list_that_the_issuer_did_not_sign_as_one_is_not_taken() {
    let scene = Scene::listed();
    let claims = list_claims(&[1]).to_string();
    let stranger = Issuer::new(Algorithm::EdDsa);
    let foreign = stranger
        .key
        .sign("statuslist+jwt", claims.as_bytes())
        .expect("a signature");
    let refused = |token: &str| match scene.lists.take(URI, token, NOW) {
        Err(StatusListError::Token(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&foreign), "unknown_key");
    assert_eq!(
        refused(&scene.issuer.token(&list_claims(&[1]))),
        "wrong_type"
    );
    let list = scene.list(&list_claims(&[1]));
    let (input, _) = list.rsplit_once('.').expect("a signature");
    assert_eq!(
        refused(&format!("{input}.{}", "A".repeat(86))),
        "signature_invalid"
    );
    assert_eq!(refused(""), "not_compact_jws");
    assert_eq!(scene.at(0), "accepted");
}

fn change(index: u64, value: u8, at: i64) -> StatusChange {
    StatusChange {
        uri: URI.to_owned(),
        index,
        value,
        at,
    }
}

#[test]
fn a_pushed_change_is_seen_by_the_next_verification() {
    let scene = Scene::listed();
    assert!(scene.lists.apply(change(0, 1, NOW), 7));
    assert_eq!((scene.at(0), scene.at(1)), ("revoked", "revoked"));
    assert!(scene.lists.apply(change(2, 0, NOW), 9));
    assert_eq!(scene.at(2), "accepted");
    assert!(!scene.lists.apply(change(4, 1, NOW), 8) && !scene.lists.apply(change(0, 4, NOW), 8));
    assert_eq!(
        scene
            .lists
            .knowledge(NOW)
            .map(|knowledge| knowledge.position),
        Some(9)
    );
}

#[test]
fn a_list_published_before_a_change_does_not_undo_it() {
    let scene = Scene::listed();
    assert!(scene.lists.apply(change(0, 1, NOW + 20), 1));
    let mut cached = list_claims(&[0, 1, 2, 3]);
    cached["iat"] = json!(NOW + 10);
    assert!(scene.take(&cached, NOW).is_ok());
    assert_eq!(scene.at(0), "revoked");
    let mut later = list_claims(&[0, 1, 2, 3]);
    later["iat"] = json!(NOW + 21);
    assert!(scene.take(&later, NOW).is_ok());
    assert_eq!(scene.at(0), "accepted");
}

#[test]
fn a_change_may_come_before_its_list() {
    let scene = Scene::new();
    assert!(!scene.lists.apply(change(0, 1, NOW), 1));
    assert!(scene.take(&list_claims(&[0]), NOW).is_ok());
    assert_eq!(scene.at(0), "revoked");
}

#[test]
fn readers_and_writers_need_no_order() {
    let scene = Scene::new();
    assert!(scene.take(&list_claims(&[0; 4096]), NOW).is_ok());
    std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let lists = scene.lists.clone();
            scope.spawn(move || {
                // Neighbours in one byte belong to different writers.
                for index in (writer..4096).step_by(4) {
                    assert!(lists.apply(change(index, 1 + (index % 3) as u8, NOW), index));
                }
            });
        }
    });
    for index in (0..4096).step_by(17) {
        let expected = ["revoked", "suspended", "stale"][index as usize % 3];
        assert_eq!(scene.at(index), expected, "{index}");
    }
}

#[test]
fn status_is_what_the_list_says_without_a_verifier() {
    let scene = Scene::listed();
    let claims = with("status", json!({"status_list": {"idx": 1, "uri": URI}}));
    let verifier = scene.issuer.verifier();
    let verified = verifier
        .verify(&scene.issuer.token(&claims))
        .expect("a good token");
    assert_eq!(scene.lists.status(&verified.claims(), NOW), Status::Invalid);
}
