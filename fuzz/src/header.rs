use serde_json::Value;

use super::issuer::{judge, sign};

const CLAIMS: &[u8] = br#"{"iss":"https://id.example","sub":"a","aud":"https://orders.example","client_id":"c","exp":1800000300,"iat":1800000000,"jti":"j"}"#;

/// Any bytes as the header of a token that is otherwise good: whatever is accepted means what a common JSON library reads.
pub fn run(data: &[u8]) -> bool {
    if judge(&sign(data, CLAIMS)).is_err() {
        return false;
    }
    let header: Value = serde_json::from_slice(data).expect("an accepted header is JSON");
    assert_eq!(header["alg"], "HS256");
    assert!(
        matches!(
            header["typ"].as_str(),
            Some("at+jwt" | "application/at+jwt")
        ),
        "{header}"
    );
    assert!(header.get("kid").is_none_or(Value::is_string), "{header}");
    let dangerous = [
        "crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "cty", "enc",
    ];
    assert!(
        dangerous.iter().all(|name| header.get(name).is_none()),
        "{header}"
    );
    true
}
