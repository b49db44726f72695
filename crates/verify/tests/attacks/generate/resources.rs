use super::Family;
use crate::catalogue::Case;
use crate::forge::{claims, header, quote, token, with_header, with_payload};
use crate::keys::Signer;

pub fn write(cases: &mut Vec<Case>) {
    sizes(cases);
    without_limit(cases);
    flood(cases);
}

fn sizes(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "resources", "size").why(
        "CVE-2025-30204",
        "what is too long to be a token is refused before it is looked at",
    );
    family.refuse(
        "ten megabytes of dots",
        "token_too_large",
        ".".repeat(10 << 20),
    );
    family.refuse(
        "ten megabytes of letters",
        "token_too_large",
        "A".repeat(10 << 20),
    );
    family.refuse(
        "a megabyte of header",
        "token_too_large",
        with_header(
            header("EdDSA")
                .and("x", &quote(&"xxx".repeat(1 << 18)))
                .json(),
        ),
    );
    family.refuse(
        "64 KB of kid",
        "token_too_large",
        with_header(
            header("EdDSA")
                .with("kid", &quote(&"xxx".repeat(1 << 15)))
                .json(),
        ),
    );
    family.refuse(
        "a megabyte of claims",
        "token_too_large",
        with_payload(claims().and("x", &quote(&"xxx".repeat(1 << 18))).json()),
    );
    family.accept("exactly 16 KiB", padded(16 * 1024));
    family.refuse("16 KiB and a bit", "token_too_large", padded(16 * 1024 + 1));
    family.refuse(
        "signature longer than any",
        "signature_too_long",
        token(
            header("EdDSA").json(),
            claims().json(),
            &Signer::Fixed(vec![1; 2000]),
        ),
    );
    family.refuse(
        "signature as long as the longest",
        "signature_invalid",
        token(
            header("EdDSA").json(),
            claims().json(),
            &Signer::Fixed(vec![1; 1024]),
        ),
    );
}

/// A good token of this length, or of the next that base64 allows.
fn padded(len: usize) -> String {
    let bare = with_payload(claims().and("x", r#""""#).json()).len();
    let fill = (len - bare) * 3 / 4;
    (fill - 4..fill + 4)
        .map(|fill| with_payload(claims().and("x", &quote(&"x".repeat(fill))).json()))
        .find(|token| token.len() >= len)
        .unwrap()
}

fn without_limit(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "resources", "no-size-limit")
        .why(
            "RFC 8725 §2.4, CVE-2025-30204",
            "nor is there harm where the service lifted the limit",
        )
        .at("no-size-limit");
    family.refuse(
        "ten megabytes of dots",
        "not_compact_jws",
        ".".repeat(10 << 20),
    );
    family.refuse(
        "a megabyte of header",
        "header_too_large",
        with_header(
            header("EdDSA")
                .and("x", &quote(&"xxx".repeat(1 << 18)))
                .json(),
        ),
    );
    family.refuse(
        "64 KB of kid",
        "header_too_large",
        with_header(
            header("EdDSA")
                .with("kid", &quote(&"xxx".repeat(1 << 15)))
                .json(),
        ),
    );
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(30_000), close.repeat(30_000));
    family.refuse(
        "header of depth 90,000",
        "header_too_large",
        with_header(header("EdDSA").and("x", &deep("[[[", "]]]")).json()),
    );
    family.refuse(
        "claims of depth 90,000",
        "claims_malformed",
        with_payload(claims().and("x", &deep("[[[", "]]]")).json()),
    );
    family.refuse(
        "claims of depth 30,000, objects",
        "claims_malformed",
        with_payload(claims().and("x", &deep("{\"ab\":", "}")).json()),
    );
    family.refuse(
        "a number of a million digits",
        "claims_malformed",
        with_payload(claims().with("exp", &"111".repeat(1 << 18)).json()),
    );
    family.refuse(
        "twenty megabytes of claims",
        "claims_too_large",
        with_payload(claims().and("x", &quote(&"xxx".repeat(7 << 20))).json()),
    );
    family.accept(
        "a megabyte of claims",
        with_payload(claims().and("x", &quote(&"xxx".repeat(1 << 18))).json()),
    );
    family.refuse(
        "a megabyte of signature",
        "signature_too_long",
        token(
            header("EdDSA").json(),
            claims().json(),
            &Signer::Fixed(vec![0; 1 << 20]),
        ),
    );
}

/// None of these may cost a fetch each; what the key source does about them is tested where it lives.
fn flood(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "resources", "random-kids")
        .why("RFC 8725 §3.10", "names that nobody knows, each only once");
    for at in 0..20_u64 {
        let name = format!("{:016x}", at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        family.refuse(
            &name,
            "unknown_key",
            with_header(header("EdDSA").with("kid", &quote(&name)).json()),
        );
    }
}
