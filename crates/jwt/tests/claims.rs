//! Claims are read once, typed where they are registered, and written so that they are read back the same.

use keywright_jwt::{
    AccessClaims, Actor, ClaimIndex, Claims, ClaimsError, Confirmation, JsonError, PayloadError,
    StatusReference,
};
use serde_json::json;

fn refused(json: &str) -> bool {
    matches!(
        ClaimIndex::read(&mut json.to_owned()),
        Err(ClaimsError::Json(_))
    )
}

fn minimal<'a>() -> AccessClaims<'a> {
    AccessClaims {
        iss: "https://id.example",
        sub: "alice",
        aud: &["https://orders.example"],
        client_id: "shop",
        exp: 1_700_000_600,
        iat: 1_700_000_000,
        jti: "t1",
        ..AccessClaims::default()
    }
}

#[test]
fn what_is_written_is_read_back() {
    let extra = json!({"tenant": "acme", "limits": {"orders": 3}});
    let claims = AccessClaims {
        aud: &["https://orders.example", "https://billing.example"],
        nbf: Some(1_700_000_000),
        scope: "read:orders write:orders",
        roles: &["admin", "editor"],
        sid: Some("s1"),
        auth_time: Some(1_699_999_000),
        acr: Some("urn:example:mfa"),
        amr: &["pwd", "otp"],
        cnf: Some(Confirmation {
            jkt: Some("thumb"),
            x5t_s256: Some("cert"),
        }),
        act: Some(Actor {
            sub: "support",
            act: None,
        }),
        status: Some(StatusReference {
            idx: 42,
            uri: "https://id.example/status/1",
        }),
        extra: extra.as_object(),
        ..minimal()
    };
    let mut payload = String::from_utf8(claims.to_payload().unwrap()).unwrap();
    let index = ClaimIndex::read(&mut payload).unwrap();
    let read = index.claims(&payload);

    assert_eq!(read.iss(), Some(claims.iss));
    assert_eq!(read.sub(), Some(claims.sub));
    assert_eq!(read.aud().collect::<Vec<_>>(), claims.aud);
    assert_eq!(read.client_id(), Some(claims.client_id));
    assert_eq!(
        (read.exp(), read.nbf(), read.iat()),
        (Some(claims.exp), claims.nbf, Some(claims.iat))
    );
    assert_eq!(read.jti(), Some(claims.jti));
    assert_eq!(
        read.scopes().collect::<Vec<_>>(),
        ["read:orders", "write:orders"]
    );
    assert_eq!(read.roles().collect::<Vec<_>>(), claims.roles);
    assert_eq!(
        (read.sid(), read.auth_time(), read.acr()),
        (claims.sid, claims.auth_time, claims.acr)
    );
    assert_eq!(read.amr().collect::<Vec<_>>(), claims.amr);
    assert_eq!(
        (read.jkt(), read.x5t_s256(), read.is_bound()),
        (Some("thumb"), Some("cert"), true)
    );
    assert_eq!(read.actor(), Some("support"));
    assert_eq!(
        (read.status_idx(), read.status_uri()),
        (Some(42), Some("https://id.example/status/1"))
    );
    let all: serde_json::Value = read.deserialize().unwrap();
    assert_eq!(all["tenant"], "acme");
    assert_eq!(all["limits"]["orders"], 3);
}

#[test]
fn absent_claims_are_not_written() {
    let payload = String::from_utf8(minimal().to_payload().unwrap()).unwrap();
    assert_eq!(
        payload,
        concat!(
            r#"{"iss":"https://id.example","sub":"alice","aud":"https://orders.example","client_id":"shop","#,
            r#""exp":1700000600,"iat":1700000000,"jti":"t1"}"#
        )
    );
}

#[test]
fn a_token_without_audience_is_not_made() {
    assert!(matches!(
        AccessClaims {
            aud: &[],
            ..minimal()
        }
        .to_payload(),
        Err(PayloadError::NoAudience)
    ));
}

#[test]
fn an_extra_claim_cannot_shadow_a_registered_one() {
    let full = AccessClaims {
        nbf: Some(0),
        scope: "s",
        roles: &["r"],
        sid: Some("s"),
        auth_time: Some(0),
        acr: Some("a"),
        amr: &["a"],
        cnf: Some(Confirmation::default()),
        act: Some(Actor {
            sub: "a",
            act: None,
        }),
        status: Some(StatusReference { idx: 0, uri: "u" }),
        ..minimal()
    };
    let written: serde_json::Value = serde_json::from_slice(&full.to_payload().unwrap()).unwrap();
    for name in written.as_object().unwrap().keys() {
        let extra = json!({ name.clone(): "shadow" });
        let shadowed = AccessClaims {
            extra: extra.as_object(),
            ..minimal()
        }
        .to_payload();
        assert!(
            matches!(shadowed, Err(PayloadError::Reserved(reserved)) if reserved == *name),
            "{name}"
        );
    }
}

#[test]
fn numeric_dates_are_integers_that_every_reader_holds() {
    for name in ["exp", "nbf", "iat", "auth_time"] {
        let limit = 1_i64 << 53;
        for good in [0, 1, -1, limit, -limit] {
            assert!(
                !refused(&format!("{{\"{name}\":{good}}}")),
                "{name}: {good}"
            );
        }
        let bad = [
            "9007199254740993",
            "-9007199254740993",
            "9223372036854775808",
            "18446744073709551616",
            "1.0",
            "1e3",
            "-0",
            "\"1700000000\"",
            "null",
            "true",
            "[1]",
            "{}",
            "1.5",
            "0.0",
            "1E400",
            "99999999999999999999999999",
        ];
        for value in bad {
            assert!(
                refused(&format!("{{\"{name}\":{value}}}")),
                "{name}: {value}"
            );
        }
    }
}

#[test]
fn text_claims_are_text() {
    for name in [
        "iss",
        "sub",
        "client_id",
        "jti",
        "scope",
        "sid",
        "acr",
        "nonce",
    ] {
        for value in ["1", "null", "true", "[]", "[\"a\"]", "{}"] {
            assert!(
                refused(&format!("{{\"{name}\":{value}}}")),
                "{name}: {value}"
            );
        }
    }
}

#[test]
fn list_claims_are_a_string_or_strings() {
    for name in ["aud", "roles", "amr"] {
        for value in [
            "1",
            "null",
            "true",
            "{}",
            "[1]",
            "[\"a\",1]",
            "[[\"a\"]]",
            "[null]",
            "{\"0\":\"a\"}",
        ] {
            assert!(
                refused(&format!("{{\"{name}\":{value}}}")),
                "{name}: {value}"
            );
        }
        assert!(!refused(&format!("{{\"{name}\":[]}}")));
    }
}

#[test]
fn structured_claims_have_their_structure() {
    let bad = [
        r#"{"cnf":"jkt"}"#,
        r#"{"cnf":{"jkt":1}}"#,
        r#"{"cnf":[]}"#,
        r#"{"act":"a"}"#,
        r#"{"act":{"sub":1}}"#,
        r#"{"status":{"status_list":{"idx":-1}}}"#,
        r#"{"status":{"status_list":{"idx":"1"}}}"#,
        r#"{"status":{"status_list":{"idx":1.5}}}"#,
        r#"{"status":{"status_list":[]}}"#,
        r#"{"status":1}"#,
    ];
    for json in bad {
        assert!(refused(json), "{json}");
    }
}

#[test]
fn escaped_text_is_read_as_what_it_means() {
    let mut payload = r#"{"sub":"a\u006cice \"\ud83d\ude00\"","iss":"https:\/\/id.example","aud":["\u0061","b\\"],"jti":"plain"}"#
        .to_owned();
    let original = payload.clone();
    let index = ClaimIndex::read(&mut payload).unwrap();
    let claims = index.claims(&payload);
    assert_eq!(claims.sub(), Some("alice \"😀\""));
    assert_eq!(claims.iss(), Some("https://id.example"));
    assert_eq!(claims.aud().collect::<Vec<_>>(), ["a", "b\\"]);
    assert_eq!(claims.jti(), Some("plain"));
    assert_eq!(claims.json(), original);
}

#[test]
fn each_escape_of_one_letter_is_what_json_says() {
    let mut payload = r#"{"sub":"\"\\\/\b\f\n\r\t"}"#.to_owned();
    let index = ClaimIndex::read(&mut payload).unwrap();
    let sub = index.claims(&payload).sub().map(str::to_owned);
    assert_eq!(sub.as_deref(), Some("\"\\/\u{8}\u{c}\n\r\t"));
}

/// Eight digits are looked at together, and up to fifteen without the grammar.
#[test]
fn a_date_is_its_digits_and_nothing_behind_them() {
    for length in 1..=15 {
        let digits = &"987654321987654"[..length];
        for name in 1..=16 {
            let text = format!(r#"{{"exp":{digits},"{}":1,"z":2}}"#, "n".repeat(name));
            let mut payload = text.clone();
            let index = ClaimIndex::read(&mut payload).unwrap();
            assert_eq!(index.claims(&payload).exp(), digits.parse().ok(), "{text}");
        }
    }
}

#[test]
fn no_byte_among_eight_digits_passes_for_one() {
    for place in 1..7 {
        for byte in (0x20..0x7f).filter(|byte: &u8| !byte.is_ascii_digit()) {
            let mut digits = *b"12345678";
            digits[place] = byte;
            let digits = std::str::from_utf8(&digits).unwrap();
            for behind in [",\"z\":2}", "}"] {
                let mut payload = format!(r#"{{"exp":{digits}{behind}"#);
                assert!(ClaimIndex::read(&mut payload).is_err(), "{payload}");
            }
        }
    }
}

#[test]
fn scopes_match_whole_words_only() {
    let mut payload = r#"{"scope":"read:orders  write:orders"}"#.to_owned();
    let index = ClaimIndex::read(&mut payload).unwrap();
    let claims = index.claims(&payload);
    assert!(claims.has_scope("read:orders") && claims.has_scope("write:orders"));
    for other in [
        "",
        " ",
        "read",
        "read:order",
        "READ:orders",
        "read:orders write:orders",
    ] {
        assert!(!claims.has_scope(other), "{other:?}");
    }
}

#[test]
fn a_payload_beyond_sixteen_megabytes_is_refused_unread() {
    let mut payload = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 24));
    assert_eq!(
        ClaimIndex::read(&mut payload).err(),
        Some(ClaimsError::TooLarge)
    );
    assert_eq!(
        ClaimIndex::read(&mut "{\"exp\":{}}".to_owned()).err(),
        Some(ClaimsError::Json(JsonError::WrongType { at: 7 }))
    );
}

fn says(json: &str, look: impl Fn(Claims<'_>) -> bool) -> bool {
    let mut payload = json.to_owned();
    ClaimIndex::read(&mut payload).is_ok_and(|index| look(index.claims(&payload)))
}

#[test]
fn what_a_token_is_bound_to_and_where_its_status_stands_is_known_by_the_claim_alone() {
    type Asked = for<'c> fn(Claims<'c>) -> bool;
    let asked: [(&str, Asked); 3] = [
        (r#"{"status":{"some_list":{}}}"#, |claims| {
            claims.has_status()
        }),
        (r#"{"events":{}}"#, |claims| claims.has_events()),
        (r#"{"cnf":{"kid":"k"}}"#, |claims| claims.is_bound()),
    ];
    for (at, (_, ask)) in asked.iter().enumerate() {
        for (other, (json, _)) in asked.iter().enumerate() {
            assert_eq!(says(json, ask), at == other, "{at}: {json}");
        }
    }
}

/// A name is recognised by its first seven bytes and its length, and then by all of it.
#[test]
fn a_name_that_begins_like_a_registered_one_is_another_name() {
    let json = r#"{"client_xx":"web","auth_tixx":1700000000}"#;
    assert!(says(json, |claims| claims.client_id().is_none()
        && claims.auth_time().is_none()));
}

#[test]
fn a_string_is_among_others_only_whole() {
    let json = r#"{"aud":["a\"b","c\\","\"d","e",""]}"#;
    let has = |wanted: &str| says(json, |claims| claims.aud().contains(wanted));
    for wanted in ["a\"b", "c\\", "\"d", "e", ""] {
        assert!(has(wanted), "{wanted}");
    }
    for wanted in ["a", "b", "c", "d", "\\", "a\\\"b", ",", "f"] {
        assert!(!has(wanted), "{wanted}");
    }
    assert!(!says("{}", |claims| claims.aud().contains("")));
    assert!(says(r#"{"aud":""}"#, |claims| claims.aud().contains("")));
}

#[test]
fn a_payload_may_be_as_large_as_positions_allow_and_no_larger() {
    let largest = 1 << 24;
    let frame = r#"{"x":""}"#;
    let read = |len: usize| {
        let mut payload = format!(r#"{{"x":"{}"}}"#, "a".repeat(len - frame.len()));
        ClaimIndex::read(&mut payload).map(|_| ())
    };
    assert_eq!(read(largest), Ok(()));
    assert_eq!(read(largest + 1), Err(ClaimsError::TooLarge));
}

#[test]
fn each_refusal_has_a_name() {
    assert_eq!(ClaimsError::TooLarge.code(), "claims_too_large");
    assert_eq!(ClaimsError::NotUtf8.code(), "claims_malformed");
    assert_eq!(
        ClaimsError::Json(JsonError::TooDeep).code(),
        "claims_malformed"
    );
}
