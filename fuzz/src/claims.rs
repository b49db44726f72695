use keywright_verify::{Claims, Verified};
use serde_json::Value;

use super::issuer::{AUDIENCE, ISSUER, NOW, fresh, judge, sign};

const HEADER: &[u8] = br#"{"alg":"HS256","typ":"at+jwt"}"#;

/// Any bytes as the claims of a token that is otherwise good: whatever is accepted means what a common JSON library reads.
pub fn run(data: &[u8]) -> bool {
    let token = sign(HEADER, data);
    let Ok(json) = judge(&token) else {
        return false;
    };
    assert_eq!(
        json.as_bytes(),
        data,
        "claims are handed on as they were signed"
    );
    let claims: Value = serde_json::from_slice(data).expect("accepted claims are JSON");
    assert_eq!(claims["iss"], ISSUER);
    assert!(names_audience(&claims["aud"]), "{claims}");
    check_dates(&claims);
    for name in ["sub", "client_id", "jti"] {
        let present = claims[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(present, "{name}: {claims}");
    }
    assert!(
        claims.get("cnf").is_none() && claims.get("events").is_none(),
        "{claims}"
    );
    let verified: Verified = fresh()
        .verify(&token)
        .expect("it was accepted a moment ago");
    check_views(&verified.claims(), &claims);
    true
}

fn check_dates(claims: &Value) {
    let holds = |name: &str, test: fn(i64) -> bool| claims[name].as_i64().is_some_and(test);
    assert!(holds("exp", |exp| exp > NOW - 60), "{claims}");
    assert!(holds("iat", |iat| iat <= NOW + 60), "{claims}");
    assert!(
        claims.get("nbf").is_none() || holds("nbf", |nbf| nbf <= NOW + 60),
        "{claims}"
    );
}

/// Claims are read where they stand in the text; each view of them shows what the common library shows.
fn check_views(views: &Claims<'_>, claims: &Value) {
    let texts = [
        ("iss", views.iss()),
        ("sub", views.sub()),
        ("client_id", views.client_id()),
        ("jti", views.jti()),
        ("scope", views.scope()),
        ("sid", views.sid()),
        ("acr", views.acr()),
        ("nonce", views.nonce()),
    ];
    for (name, view) in texts {
        assert_eq!(view, claims[name].as_str(), "{name}: {claims}");
    }
    for (name, view) in [
        ("exp", views.exp()),
        ("nbf", views.nbf()),
        ("iat", views.iat()),
        ("auth_time", views.auth_time()),
    ] {
        assert_eq!(view, claims[name].as_i64(), "{name}: {claims}");
    }
    for (name, view) in [
        ("aud", views.aud()),
        ("roles", views.roles()),
        ("amr", views.amr()),
    ] {
        assert_eq!(
            view.collect::<Vec<_>>(),
            strings(&claims[name]),
            "{name}: {claims}"
        );
    }
    assert_eq!(views.actor(), claims["act"]["sub"].as_str(), "{claims}");
    let list = &claims["status"]["status_list"];
    assert_eq!(views.status_idx(), list["idx"].as_u64(), "{claims}");
    assert_eq!(views.status_uri(), list["uri"].as_str(), "{claims}");
}

/// One string or several, as RFC 7519 writes `aud`.
fn strings(value: &Value) -> Vec<&str> {
    let several = value.as_array().map(Vec::as_slice);
    let all = several.unwrap_or(std::slice::from_ref(value));
    all.iter().filter_map(Value::as_str).collect()
}

fn names_audience(aud: &Value) -> bool {
    aud == AUDIENCE
        || aud
            .as_array()
            .is_some_and(|several| several.iter().any(|one| one == AUDIENCE))
}
