use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;
const OURS: &str = "https://orders.example.org";

fn table() -> Table {
    Table {
        issuer: "https://id.example.org".to_owned(),
        scopes: ["read:orders", "write:orders"].map(str::to_owned).into(),
        nobody: audiences_near(OURS),
    }
}

fn good() -> Claims {
    let claims = json!({
        "iss": "https://id.example.org", "aud": OURS, "sub": "ann", "client_id": "web", "jti": "one", "iat": NOW - 10, "exp": NOW + 290,
        "scope": "read:orders", "roles": ["clerk"],
    });
    claims.as_object().unwrap().clone()
}

/// The good claims with these in place of theirs; `null` leaves one out.
fn with(changes: Value) -> Claims {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap().clone() {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
    claims
}

fn permits(typ: &str, claims: &str) -> bool {
    table().permits(&good(), typ, &serde_json::from_str(claims).unwrap(), NOW)
}

fn permits_at(changes: Value) -> bool {
    permits(ACCESS_TOKEN_TYPE, &Value::from(with(changes)).to_string())
}

#[test]
fn one_thing_that_makes_it_worth_less_may_be_wrong() {
    for changes in [
        json!({ "exp": NOW - 600, "iat": NOW - 900 }),
        json!({ "exp": NOW }),
        json!({ "exp": null }),
        json!({ "exp": "never" }),
        json!({ "exp": "1" }),
        json!({ "exp": [1] }),
        json!({ "exp": {} }),
        json!({ "exp": true }),
        json!({ "exp": -1 }),
        json!({ "nbf": NOW + 600 }),
        json!({ "aud": null }),
        json!({ "aud": ELSEWHERE }),
        json!({ "aud": [""] }),
        json!({ "aud": format!("{OURS}/") }),
        json!({ "iss": null }),
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": ["https://id.example.org"] }),
        json!({ "cnf": { "jkt": "x" } }),
        json!({ "scope": null, "roles": null }),
        json!({ "scope": "" }),
        json!({ "scope": "read:ordersx", "roles": null }),
    ] {
        assert!(permits_at(changes.clone()), "{changes}");
    }
}

#[test]
fn nothing_is_signed_that_somebody_could_take() {
    for changes in [
        json!({}),
        json!({ "sub": "bob" }),
        json!({ "client_id": "ops" }),
        json!({ "roles": ["admin"] }),
        json!({ "scope": "read:orders write:orders" }),
        json!({ "scope": "write:orders", "roles": null }),
        json!({ "scope": "read:ordersx", "roles": ["admin"] }),
        json!({ "scope": ["read:orders"] }),
        json!({ "exp": NOW + 1 }),
        json!({ "exp": (NOW + 1).to_string() }),
        json!({ "exp": format!(" {}.5", NOW + 1) }),
        json!({ "exp": "2099-01-01" }),
        json!({ "exp": "inf" }),
        json!({ "exp": [NOW + 1] }),
        json!({ "exp": { "at": 1 } }),
        json!({ "exp": NOW - 1, "iat": NOW + 1 }),
        json!({ "exp": NOW - 1, "sub": "bob" }),
        json!({ "iat": NOW - 20 }),
        json!({ "nbf": NOW }),
        json!({ "nbf": "never" }),
        json!({ "aud": "https://payments.example.org" }),
        json!({ "aud": [OURS, ELSEWHERE] }),
        json!({ "aud": [[], "https://payments.example.org"] }),
        json!({ "aud": { "0": "https://payments.example.org" } }),
        json!({ "aud": ELSEWHERE, "sub": "bob" }),
        json!({ "iss": "https://evil.example", "exp": NOW + 9000 }),
        json!({ "cnf": "x" }),
        json!({ "email": "drill@example.org" }),
        json!({ "events": {} }),
    ] {
        assert!(!permits_at(changes.clone()), "{changes}");
    }
}

#[test]
fn a_token_of_another_kind_says_only_what_the_table_says() {
    let says = |typ: &str, changes: Value| permits(typ, &Value::from(with(changes)).to_string());
    let logout = json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } });
    let revoked = json!({ "events": { "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {} } });
    let list = json!({ "status_list": { "bits": 2, "lst": "eNrbuRgAAhcBXQ" } });
    for (typ, changes) in [
        ("JWT", json!({})),
        (
            "JWT",
            json!({ "nonce": "drill", "scope": null, "client_id": null }),
        ),
        ("logout+jwt", logout.clone()),
        ("secevent+jwt", revoked.clone()),
        ("statuslist+jwt", list),
        ("userinfo+jwt", json!({ "email": "drill@example.org" })),
    ] {
        assert!(says(typ, changes.clone()), "{typ} {changes}");
    }
    for (typ, changes) in [
        ("JWT", json!({ "aud": "web", "nonce": "drill" })),
        ("JWT", json!({ "nonce": "theirs" })),
        ("JWT", json!({ "exp": null })),
        ("logout+jwt", json!({ "aud": "web" })),
        ("logout+jwt", json!({ "client_id": null })),
        ("logout+jwt", revoked),
        ("secevent+jwt", logout),
        ("secevent+jwt", json!({ "position": 1 })),
        (
            "statuslist+jwt",
            json!({ "sub": "https://id.example.org/status/1" }),
        ),
        ("userinfo+jwt", json!({ "email": "ann@example.org" })),
        ("dpop+jwt", json!({})),
        ("token-introspection+jwt", json!({})),
    ] {
        assert!(!says(typ, changes.clone()), "{typ} {changes}");
    }
}

#[test]
fn what_stands_twice_is_the_good_claim_beside_a_wrong_one() {
    let good = Value::from(good()).to_string();
    let inner = good.trim_start_matches('{').trim_end_matches('}');
    let wrong = format!(r#""exp":1,"aud":"{ELSEWHERE}""#);
    let later = format!(r#""exp":{},"aud":"{ELSEWHERE}""#, NOW + 9000);
    assert!(permits(ACCESS_TOKEN_TYPE, &format!("{{{inner},{wrong}}}")));
    assert!(permits(ACCESS_TOKEN_TYPE, &format!("{{{wrong},{inner}}}")));
    for claims in [
        format!("{{{inner},{later}}}"),
        format!("{{{inner},{wrong},\"sub\":\"bob\"}}"),
        format!("{{{inner},\"exp\":1}}"),
    ] {
        assert!(!permits(ACCESS_TOKEN_TYPE, &claims), "{claims}");
    }
    assert!(!permits("JWT", &format!("{{{inner},{wrong}}}")));
}

#[test]
fn the_audience_itself_is_not_near_itself() {
    assert!(!audiences_near("ORDERS").contains("ORDERS"));
}
