use super::Family;
use crate::catalogue::Case;
use crate::forge::{NOW, claims, with_payload};

pub fn write(cases: &mut Vec<Case>) {
    shapes(cases);
    edges(cases);
    ages(cases);
}

/// A date that cannot be read is no reason to skip the check.
fn shapes(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "date-shape").why(
        "CVE-2026-25537, RFC 7519 §2, RFC 8725bis",
        "a date that is no integer below 2^53 means different things to different readers",
    );
    for name in ["exp", "nbf", "iat", "auth_time"] {
        let values = [
            "\"1800000100\"",
            "\"\"",
            "\"never\"",
            "\"2030-01-01T00:00:00Z\"",
            "1800000100.0",
            "1800000100.5",
            "18e8",
            "1.8E9",
            "-0",
            "-0.0",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "-9223372036854775809",
            "1e400",
            "100000000000000000000000000000000000000",
            "null",
            "true",
            "false",
            "[1800000100]",
            "{\"exp\":1800000100}",
            "[]",
        ];
        for (at, value) in values.into_iter().enumerate() {
            let shown = value.trim_matches('"');
            family.refuse(
                format!("{name} {at} {shown}"),
                "claims_malformed",
                with_payload(claims().with(name, value).json()),
            );
        }
    }
    let outside = [
        ("exp", "0", "expired"),
        ("exp", "1", "expired"),
        ("exp", "-1", "expired"),
        ("exp", "-9007199254740992", "expired"),
        ("nbf", "9007199254740992", "not_yet_valid"),
        ("iat", "9007199254740992", "issued_in_future"),
        // Milliseconds, as JavaScript counts.
        ("nbf", "1800000000000", "not_yet_valid"),
        ("iat", "1800000000000", "issued_in_future"),
    ];
    for (name, value, reason) in outside {
        family.refuse(
            format!("{name} is {}", value.replace('-', "minus ")),
            reason,
            with_payload(claims().with(name, value).json()),
        );
    }
    family.refuse(
        "exp missing",
        "missing_claim",
        with_payload(claims().without("exp").json()),
    );
    family.refuse(
        "exp under another name",
        "missing_claim",
        with_payload(claims().without("exp").and("EXP", "1800000300").json()),
    );
    family.refuse(
        "iat missing",
        "missing_claim",
        with_payload(claims().without("iat").json()),
    );
    for (name, value) in [
        ("exp", "9007199254740992"),
        ("exp", "9007199254740991"),
        ("nbf", "0"),
        ("nbf", "-1"),
        ("iat", "0"),
        ("iat", "-9007199254740992"),
    ] {
        family.accept(
            format!("{name} may be {}", value.replace('-', "minus ")),
            with_payload(claims().with(name, value).json()),
        );
    }
}

fn edges(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "date-edge").why(
        "RFC 7519 §4.1.4, §4.1.5",
        "the last second that counts, and the first that does not",
    );
    for (verifier, leeway) in [("asymmetric", 60), ("no-leeway", 0)] {
        family = family.at(verifier);
        let at = |name: &str, offset: i64| {
            with_payload(claims().with(name, &(NOW + offset).to_string()).json())
        };
        let title = |what: &str| format!("{what}, leeway {leeway}");
        family.accept(title("exp in its last second"), at("exp", 1 - leeway));
        family.refuse(title("exp reached"), "expired", at("exp", -leeway));
        family.refuse(title("exp passed"), "expired", at("exp", -1 - leeway));
        family.accept(title("nbf reached"), at("nbf", leeway));
        family.refuse(
            title("nbf a second ahead"),
            "not_yet_valid",
            at("nbf", 1 + leeway),
        );
        family.accept(title("iat now"), at("iat", leeway));
        family.refuse(
            title("iat a second ahead"),
            "issued_in_future",
            at("iat", 1 + leeway),
        );
    }
    family.refuse(
        "nbf behind exp",
        "not_yet_valid",
        with_payload(claims().and("nbf", &(NOW + 400).to_string()).json()),
    );
}

fn ages(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "date-age")
        .why(
            "RFC 9470 §4, RFC 8725bis",
            "a service may ask for a younger token, or a younger login, than the issuer gives",
        )
        .at("max-token-age");
    let at = |name: &str, offset: i64| {
        with_payload(claims().with(name, &(NOW + offset).to_string()).json())
    };
    family.accept("token in its last second", at("iat", -3660));
    family.refuse("token a second too old", "too_old", at("iat", -3661));
    family.refuse(
        "token of 1970",
        "too_old",
        with_payload(claims().with("iat", "0").json()),
    );
    family.refuse(
        "token that hides its age",
        "missing_claim",
        with_payload(claims().without("iat").json()),
    );
    family = family.at("fresh-login");
    family.accept("login in its last second", at("auth_time", -360));
    family.refuse(
        "login a second too old",
        "insufficient_authentication",
        at("auth_time", -361),
    );
    family.refuse(
        "login that hides its age",
        "insufficient_authentication",
        with_payload(claims().json()),
    );
}
