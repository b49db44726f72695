use serde_json::Value;

use super::issuer::{AUDIENCE, ISSUER, NOW, judge, sign};

const HEADER: &[u8] = br#"{"alg":"HS256","typ":"at+jwt"}"#;

/// Any bytes as the claims of a token that is otherwise good: whatever is accepted means what a common JSON library reads.
pub fn run(data: &[u8]) -> bool {
    let Ok(json) = judge(&sign(HEADER, data)) else {
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
    assert!(
        claims["exp"].as_i64().is_some_and(|exp| exp > NOW - 60),
        "{claims}"
    );
    assert!(
        claims["iat"].as_i64().is_some_and(|iat| iat <= NOW + 60),
        "{claims}"
    );
    assert!(
        claims
            .get("nbf")
            .is_none_or(|nbf| nbf.as_i64().is_some_and(|nbf| nbf <= NOW + 60)),
        "{claims}"
    );
    for name in ["sub", "client_id", "jti"] {
        assert!(
            claims[name].as_str().is_some_and(|text| !text.is_empty()),
            "{name}: {claims}"
        );
    }
    assert!(
        claims.get("cnf").is_none() && claims.get("events").is_none(),
        "{claims}"
    );
    true
}

fn names_audience(aud: &Value) -> bool {
    aud == AUDIENCE
        || aud
            .as_array()
            .is_some_and(|several| several.iter().any(|one| one == AUDIENCE))
}
