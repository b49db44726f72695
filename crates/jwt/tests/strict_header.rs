//! A header is believed as little as possible: it selects a key and does nothing else.

use keywright_jwt::{Algorithm, Header, HeaderError, JsonError, ProofHeader, SigningKey};

fn code(header: &str) -> &'static str {
    match Header::parse(header.as_bytes()) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

#[test]
fn an_ordinary_header_is_read() {
    let header = Header::parse(br#"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#).unwrap();
    assert_eq!(header.algorithm, Algorithm::Es256);
    assert_eq!(
        (header.typ.as_deref(), header.kid.as_deref()),
        (Some("at+jwt"), Some("k1"))
    );
}

#[test]
fn members_that_nobody_must_understand_are_ignored() {
    assert_eq!(
        code(r#"{"alg":"RS256","x5t":"abc","x5t#S256":"def","iss":"joe","n":[1,{"a":null}]}"#),
        "accepted"
    );
}

#[test]
fn none_is_refused_in_every_spelling() {
    for letters in 0..16_u32 {
        let flip = |(at, letter): (usize, char)| {
            if letters & (1 << at) == 0 {
                letter
            } else {
                letter.to_ascii_uppercase()
            }
        };
        let spelling: String = "none".chars().enumerate().map(flip).collect();
        assert_eq!(
            code(&format!(r#"{{"alg":"{spelling}"}}"#)),
            "algorithm_none",
            "{spelling}"
        );
    }
    assert_eq!(code(r#"{"alg":"n\u006fne"}"#), "algorithm_none");
}

#[test]
fn a_missing_or_unknown_algorithm_is_refused() {
    let cases = [
        (r#"{}"#, "algorithm_missing"),
        (r#"{"typ":"at+jwt"}"#, "algorithm_missing"),
        (r#"{"alg":""}"#, "algorithm_unknown"),
        (r#"{"alg":"es256"}"#, "algorithm_unknown"),
        (r#"{"alg":" none"}"#, "algorithm_unknown"),
        (r#"{"alg":"ES256K"}"#, "algorithm_unknown"),
        (r#"{"alg":"RS1"}"#, "algorithm_unknown"),
        (r#"{"alg":null}"#, "header_malformed"),
        (r#"{"alg":0}"#, "header_malformed"),
        (r#"{"alg":["ES256"]}"#, "header_malformed"),
        (r#"{"alg":{"ES256":1}}"#, "header_malformed"),
        (r#"{"alg":true}"#, "header_malformed"),
    ];
    for (header, expected) in cases {
        assert_eq!(code(header), expected, "{header}");
    }
}

#[test]
fn a_header_that_asks_for_more_than_a_key_is_refused() {
    let cases = [
        (r#""crit":["b64"],"b64":false"#, "header_critical"),
        (r#""crit":["exp"]"#, "header_critical"),
        (r#""crit":[]"#, "header_critical"),
        (r#""crit":"alg""#, "header_critical"),
        (r#""crit":null"#, "header_critical"),
        (r#""b64":true"#, "header_critical"),
        (r#""jwk":{"kty":"oct","k":"AA"}"#, "header_embedded_key"),
        (
            r#""jku":"https://evil.example/jwks""#,
            "header_embedded_key",
        ),
        (
            r#""x5u":"https://evil.example/cert""#,
            "header_embedded_key",
        ),
        (r#""x5c":["MIIB"]"#, "header_embedded_key"),
        (r#""zip":"DEF""#, "header_compressed"),
        (r#""cty":"JWT""#, "header_nested"),
        (r#""enc":"A256GCM""#, "header_encrypted"),
    ];
    for (members, expected) in cases {
        assert_eq!(
            code(&format!(r#"{{"alg":"ES256",{members}}}"#)),
            expected,
            "{members}"
        );
        assert_eq!(
            code(&format!(r#"{{{members},"alg":"ES256"}}"#)),
            expected,
            "{members} in front"
        );
    }
}

#[test]
fn duplicate_members_are_refused_wherever_they_stand() {
    let cases = [
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
        r#"{"alg":"ES256","\u0061lg":"HS256"}"#,
        r#"{"alg":"ES256","x":{"a":1,"a":1}}"#,
        r#"{"alg":"ES256","x":[{"a":1,"b":2,"a":3}]}"#,
    ];
    for header in cases {
        assert_eq!(
            Header::parse(header.as_bytes()),
            Err(HeaderError::Json(JsonError::DuplicateMember)),
            "{header}"
        );
    }
}

#[test]
fn members_of_the_wrong_type_are_refused() {
    for members in [
        r#""kid":1"#,
        r#""kid":["a"]"#,
        r#""kid":null"#,
        r#""typ":{}"#,
        r#""typ":false"#,
    ] {
        assert_eq!(
            code(&format!(r#"{{"alg":"ES256",{members}}}"#)),
            "header_malformed",
            "{members}"
        );
    }
}

#[test]
fn four_kilobytes_are_the_limit() {
    let padded = |total: usize| format!(r#"{{"alg":"ES256","x":"{}"}}"#, "a".repeat(total - 22));
    assert_eq!(
        (padded(4096).len(), code(&padded(4096))),
        (4096, "accepted")
    );
    assert_eq!(
        (padded(4097).len(), code(&padded(4097))),
        (4097, "header_too_large")
    );
}

#[test]
fn a_proof_must_bring_its_public_key_and_nothing_else() {
    let jwk = serde_json::to_string(
        &SigningKey::generate(Algorithm::Es256)
            .unwrap()
            .0
            .public_jwk()
            .unwrap(),
    )
    .unwrap();
    let proof = format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#);
    let read = ProofHeader::parse(proof.as_bytes()).unwrap();
    assert_eq!(read.header.algorithm, Algorithm::Es256);
    assert_eq!(Some(read.jwk.thumbprint().as_str()), read.jwk.kid());

    let refused = [
        r#"{"typ":"dpop+jwt","alg":"ES256"}"#.to_owned(),
        r#"{"typ":"dpop+jwt","alg":"ES256","jwk":{}}"#.to_owned(),
        r#"{"typ":"dpop+jwt","alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}"#.to_owned(),
        proof.replace(r#""kty":"EC""#, r#""kty":"EC","d":"AAAA""#),
    ];
    for header in refused {
        assert_eq!(
            ProofHeader::parse(header.as_bytes()).map_err(|error| error.code()),
            Err("proof_key_unfit"),
            "{header}"
        );
    }
    let with_url = proof.replace(r#""alg""#, r#""jku":"https://evil.example","alg""#);
    assert_eq!(
        ProofHeader::parse(with_url.as_bytes()),
        Err(HeaderError::EmbeddedKey("jku"))
    );
}

/// Names that agree in length and in their first seven bytes are compared letter by letter, each with each.
#[test]
fn a_header_of_many_members_is_refused() {
    let with = |count: usize| {
        let members = (1..count).map(|at| format!(r#","collide-{at:02}":0"#));
        format!(r#"{{"alg":"ES256"{}}}"#, members.collect::<String>())
    };
    assert_eq!(code(&with(64)), "accepted");
    assert_eq!(code(&with(65)), "header_malformed");
}
