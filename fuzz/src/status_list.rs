use keywright_verify::StatusLists;
use serde_json::Value;

use super::issuer::{ISSUER, NOW, judge, keys, sign};

const HEADER: &[u8] = br#"{"alg":"HS256","typ":"statuslist+jwt"}"#;
const URI: &str = "https://id.example/status/1";

/// Any bytes as the claims of a status list token that is really signed.
pub fn run(data: &[u8]) -> bool {
    let token = sign(HEADER, data);
    assert!(judge(&token).is_err(), "a list is no access token");
    let lists = StatusLists::new(ISSUER, keys(), 600);
    let Ok(ttl) = lists.take(URI, &token, NOW) else {
        assert!(
            lists.state(NOW).is_empty(),
            "what is refused leaves no trace"
        );
        return false;
    };
    let claims: Value = serde_json::from_slice(data).expect("accepted claims are JSON");
    assert_eq!(claims["sub"], URI);
    assert!(
        claims.get("iss").is_none_or(|issuer| issuer == ISSUER),
        "{claims}"
    );
    assert!(
        ttl > 0 && claims.get("ttl").is_none_or(|said| *said == ttl),
        "{claims}"
    );
    let held = lists.state(NOW);
    let [list] = &held[..] else {
        panic!("one list was taken");
    };
    assert_eq!(claims["iat"].as_i64(), Some(list.issued_at), "{claims}");
    assert!(list.issued_at <= NOW + 300 && list.current, "{claims}");
    assert_eq!(claims["exp"].as_i64(), list.expires, "{claims}");
    let bits = claims["status_list"]["bits"]
        .as_u64()
        .expect("bits are a number");
    assert!([1, 2, 4, 8].contains(&bits), "{claims}");
    assert!(
        list.entries.is_multiple_of(8 / bits) && list.entries * bits <= 32 << 20,
        "{claims}"
    );
    true
}
