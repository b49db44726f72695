use super::Family;
use crate::catalogue::Case;
use crate::forge::{claims, header, quote, token, with_payload};
use crate::keys::Signer;

pub fn write(cases: &mut Vec<Case>) {
    required(cases);
    duplicates(cases);
    binding(cases);
    authority(cases);
    payload_json(cases);
}

fn required(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "required").why(
        "RFC 9068 §2.2",
        "an access token says whom it is about, who asked for it, and which one it is",
    );
    for name in ["sub", "client_id", "jti"] {
        family.refuse(
            format!("{name} missing"),
            "missing_claim",
            with_payload(claims().without(name).json()),
        );
        family.refuse(
            format!("{name} empty"),
            "missing_claim",
            with_payload(claims().with(name, r#""""#).json()),
        );
        for value in ["1", "null", "true", r#"["alice"]"#, r#"{"id":"alice"}"#] {
            family.refuse(
                format!("{name} {value}"),
                "claims_malformed",
                with_payload(claims().with(name, value).json()),
            );
        }
    }
    for name in ["scope", "sid", "acr", "nonce"] {
        for value in ["1", "null", r#"["read:orders"]"#] {
            family.refuse(
                format!("{name} {value}"),
                "claims_malformed",
                with_payload(claims().with(name, value).json()),
            );
        }
    }
}

fn duplicates(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "duplicate-claim").why(
        "RFC 7519 §4, RFC 8725 §2.4",
        "one reader keeps the first of two claims, another the last",
    );
    let values = [
        ("iss", r#""https://evil.example""#),
        ("sub", r#""admin""#),
        ("aud", r#""https://other.example""#),
        ("client_id", r#""other""#),
        ("exp", "9007199254740991"),
        ("iat", "0"),
        ("jti", r#""other""#),
        ("scope", r#""admin""#),
    ];
    for (name, value) in values {
        family.refuse(
            format!("{name} behind"),
            "claims_malformed",
            with_payload(claims().and(name, value).json()),
        );
        family.refuse(
            format!("{name} in front"),
            "claims_malformed",
            with_payload(claims().before(name, value).json()),
        );
    }
    family.refuse(
        "sub the same",
        "claims_malformed",
        with_payload(claims().and("sub", r#""alice""#).json()),
    );
    family.refuse(
        "sub in an escaped spelling",
        "claims_malformed",
        with_payload(claims().and("s\\u0075b", r#""admin""#).json()),
    );
    family.refuse(
        "unknown claim",
        "claims_malformed",
        with_payload(claims().and("x", "1").and("x", "2").json()),
    );
    family.refuse(
        "inside a claim",
        "claims_malformed",
        with_payload(
            claims()
                .and("x", r#"{"role":"viewer","role":"admin"}"#)
                .json(),
        ),
    );
    family.refuse(
        "inside an array",
        "claims_malformed",
        with_payload(claims().and("x", r#"[{"a":1,"a":2}]"#).json()),
    );
    let many = (0..30).fold(claims(), |all, at| all.and(&format!("c{at}"), "1"));
    family.refuse(
        "after thirty others",
        "claims_malformed",
        with_payload(many.and("c29", "2").json()),
    );
}

fn binding(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "cnf").why(
        "RFC 9449 §7.1, RFC 8705 §3",
        "a bound token that is taken as a bearer token is not bound any more",
    );
    let bound = |value: &str| with_payload(claims().and("cnf", value).json());
    for (at, value) in [
        r#"{"jkt":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"}"#,
        r#"{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}"#,
        r#"{"kid":"x"}"#,
        "{}",
    ]
    .into_iter()
    .enumerate()
    {
        family.refuse(
            format!("object {at} {value}"),
            "proof_required",
            bound(value),
        );
    }
    for (at, value) in [
        "null",
        r#""NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs""#,
        "[]",
        "false",
        r#"{"jkt":1}"#,
        r#"{"jkt":"a","jkt":"b"}"#,
    ]
    .into_iter()
    .enumerate()
    {
        family.refuse(
            format!("malformed {at} {value}"),
            "claims_malformed",
            bound(value),
        );
    }
}

fn authority(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "authority")
        .why("RFC 6750 §3.1", "a scope is one word of the list, exactly")
        .at("scope-required");
    for (at, scope) in [
        "",
        "read:orders",
        "write:order",
        "write:orders2",
        "Write:orders",
        "write:*",
        "*",
        "write",
        "xwrite:orders",
        "write:orders,read:orders",
        "write:orders\\tx",
        "admin",
    ]
    .into_iter()
    .enumerate()
    {
        family.refuse(
            format!("scope {at} {scope:?}"),
            "insufficient_scope",
            with_payload(claims().with("scope", &format!("\"{scope}\"")).json()),
        );
    }
    family.refuse(
        "scope missing",
        "insufficient_scope",
        with_payload(claims().without("scope").json()),
    );
    family.refuse(
        "scope as an array",
        "claims_malformed",
        with_payload(claims().with("scope", r#"["write:orders"]"#).json()),
    );
    family.refuse(
        "scope as a role",
        "insufficient_scope",
        with_payload(claims().and("roles", r#"["write:orders"]"#).json()),
    );
    family = family.at("role-required");
    for (at, roles) in [
        "[]",
        r#""""#,
        r#"["administrator"]"#,
        r#"["Admin"]"#,
        r#"["viewer","editor"]"#,
        r#""viewer admin""#,
        r#"["admin "]"#,
    ]
    .into_iter()
    .enumerate()
    {
        family.refuse(
            format!("roles {at} {roles}"),
            "insufficient_role",
            with_payload(claims().and("roles", roles).json()),
        );
    }
    family.refuse(
        "roles missing",
        "insufficient_role",
        with_payload(claims().json()),
    );
    family.refuse(
        "roles as an object",
        "claims_malformed",
        with_payload(claims().and("roles", r#"{"admin":true}"#).json()),
    );
    family = family.at("strong-login");
    for (at, acr) in ["", "phr ", "PHR", "phrh", "1"].into_iter().enumerate() {
        family.refuse(
            format!("acr {at} {acr:?}"),
            "insufficient_authentication",
            with_payload(claims().and("acr", &quote(acr)).json()),
        );
    }
    family.refuse(
        "acr missing",
        "insufficient_authentication",
        with_payload(claims().json()),
    );
}

fn payload_json(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "claims-json").why(
        "RFC 7519 §7.2, RFC 8259",
        "the payload is one JSON object in UTF-8 and nothing else",
    );
    let good = claims().json();
    let inside = |text: &str| format!("{},{text}}}", &good[..good.len() - 1]);
    let texts = [
        ("an array", format!("[{good}]")),
        ("a string", quote(&good)),
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("plain text", "hello".to_owned()),
        ("byte order mark", format!("\u{feff}{good}")),
        ("trailing object", format!("{good}{good}")),
        ("trailing NUL", format!("{good}\0")),
        ("missing brace", good[..good.len() - 1].to_owned()),
        ("trailing comma", inside("")),
        ("comment", inside("/**/\"x\":1")),
        ("NaN", inside("\"x\":NaN")),
        ("1e400", inside("\"x\":1e400")),
        ("minus without digits", inside("\"x\":-")),
        ("leading zero", inside("\"x\":00")),
        ("lone surrogate", inside(r#""x":"\udead""#)),
        ("lone surrogate in a name", inside(r#""\udead":1"#)),
        ("raw tab in text", inside("\"x\":\"\t\"")),
        (
            "depth 33",
            inside(&format!("\"x\":{}{}", "[".repeat(32), "]".repeat(32))),
        ),
        (
            "depth 5,000",
            inside(&format!("\"x\":{}{}", "[".repeat(5000), "]".repeat(5000))),
        ),
        (
            "depth 5,000, never closed",
            inside(&format!("\"x\":{}", "[".repeat(5000))),
        ),
        (
            "1,100 claims",
            (0..1100)
                .fold(claims(), |all, at| all.and(&at.to_string(), "1"))
                .json(),
        ),
    ];
    for (title, text) in texts {
        family.refuse(title, "claims_malformed", with_payload(text));
    }
    family.refuse(
        "invalid UTF-8",
        "claims_malformed",
        with_payload([&good.as_bytes()[..good.len() - 1], b",\"x\":\"\xff\"}"].concat()),
    );
    family.refuse(
        "surrogate in UTF-8",
        "claims_malformed",
        with_payload(
            [
                &good.as_bytes()[..good.len() - 1],
                b",\"x\":\"\xed\xa0\x80\"}",
            ]
            .concat(),
        ),
    );
    family.refuse("empty object", "missing_claim", with_payload("{}"));
    family.refuse(
        "CBOR",
        "claims_malformed",
        with_payload(b"\xa1\x01\x78\x12https://id.example"),
    );
    family.refuse(
        "compressed",
        "claims_malformed",
        token(
            header("EdDSA").json(),
            [0x78, 0x9c, 0xab, 0x56, 0x2a, 0x2e],
            &Signer::of("EdDSA"),
        ),
    );
}
