//! Vulnerabilities that libraries were really published with, each by its own name. The tokens are in the catalogue.

use crate::catalogue::{self, Case, Expect};
use crate::run::code;
use crate::settings::Settings;

/// Every case whose source names the identifier and whose id starts like this is refused for this reason.
fn refused(identifier: &str, family: &str, reason: &str) {
    let settings = Settings::load();
    let names = |case: &Case| case.source.split(", ").any(|source| source == identifier);
    let cases: Vec<_> = catalogue::load()
        .into_iter()
        .filter(|case| names(case) && case.id.starts_with(family))
        .collect();
    assert!(!cases.is_empty(), "no case of {family} for {identifier}");
    for case in cases.iter().filter(|case| case.expect == Expect::Refuse) {
        assert_eq!(
            code(&settings.build(&case.verifier), case),
            reason,
            "{}",
            case.id
        );
    }
}

/// The one case of this id, whatever its family says as a whole.
fn refused_case(id: &str, reason: &str) {
    let case = catalogue::load()
        .into_iter()
        .find(|case| case.id == id)
        .unwrap_or_else(|| panic!("no case {id}"));
    assert_eq!(code(&Settings::load().build(&case.verifier), &case), reason);
}

/// jsonwebtoken (Node) fell back to `none` when the caller named no algorithm.
#[test]
fn cve_2022_23540_a_token_of_algorithm_none_is_refused() {
    refused_case("alg-none/no-kid-one-byte-of-signature", "algorithm_none");
    refused_case(
        "alg-none/spelling-0-none-with-an-empty-signature",
        "not_compact_jws",
    );
}

/// jsonwebtoken (Node) took an asymmetric key as an HMAC secret.
#[test]
fn cve_2015_9235_a_public_key_is_no_secret() {
    refused("CVE-2015-9235", "public-key-as-secret/", "wrong_algorithm");
}

/// jwt-simple (Node) let the token choose the algorithm.
#[test]
fn cve_2016_10555_the_token_does_not_choose_the_algorithm() {
    refused(
        "CVE-2016-10555",
        "public-key-as-secret/RS256-key-as-SPKI",
        "wrong_algorithm",
    );
}

/// PyJWT recognised PEM keys by their first line, and not the PKCS#1 one.
#[test]
fn cve_2017_11424_a_pkcs1_key_is_no_secret() {
    refused(
        "CVE-2017-11424",
        "public-key-as-secret/RS256-key-as-PKCS1-PEM",
        "wrong_algorithm",
    );
}

/// PyJWT's list of forbidden key formats missed some forms of SSH keys.
#[test]
fn cve_2022_29217_an_ssh_key_is_no_secret() {
    refused(
        "CVE-2022-29217",
        "public-key-as-secret/EdDSA-key-as-SSH-text",
        "wrong_algorithm",
    );
    refused(
        "CVE-2022-29217",
        "public-key-as-secret/ES256-key-as-SSH-text",
        "wrong_algorithm",
    );
}

/// fast-jwt (Node) did not recognise the PKCS#1 form.
#[test]
fn cve_2023_48223_a_pem_of_any_form_is_no_secret() {
    refused(
        "CVE-2023-48223",
        "public-key-as-secret/RS256-key-as-P",
        "wrong_algorithm",
    );
}

/// Authlib verified HMAC with any asymmetric key when no algorithm was named.
#[test]
fn cve_2024_37568_no_asymmetric_key_verifies_hmac() {
    for key in ["RS256", "ES256", "EdDSA"] {
        refused(
            "CVE-2024-37568",
            &format!("public-key-as-secret/{key}"),
            "wrong_algorithm",
        );
    }
}

/// node-jose verified with the key in the token's own header.
#[test]
fn cve_2018_0114_an_embedded_key_is_not_used() {
    refused_case("embedded-key/jwk", "header_embedded_key");
}

/// Authlib used the header's `jwk` when it was given no key; a Dart library preferred it.
#[test]
fn cve_2026_27962_and_34240_an_embedded_key_does_not_stand_in_for_a_missing_one() {
    refused_case("embedded-key/jwk-and-no-kid", "header_embedded_key");
}

/// Java 15 to 18 accepted r = s = 0 for every message and key.
#[test]
fn cve_2022_21449_a_blank_ecdsa_signature_is_invalid() {
    for algorithm in ["ES256", "ES384"] {
        refused_case(&format!("ecdsa/{algorithm}-r-0-s-0"), "signature_invalid");
    }
    refused_case("ecdsa/DER-of-two-zeros", "signature_invalid");
}

/// Authlib ignored critical headers that it did not know.
#[test]
fn cve_2025_59420_unknown_critical_headers_are_refused() {
    refused("CVE-2025-59420", "crit/", "header_critical");
}

/// PyJWT did the same.
#[test]
fn cve_2026_32597_critical_headers_are_refused_even_where_the_extension_is_there() {
    refused_case("crit/unknown-extension-that-is-there", "header_critical");
}

/// python-jwt verified one token and read the claims of another, both inside one JSON text.
#[test]
fn cve_2022_39227_json_around_a_compact_token_is_refused() {
    refused_case(
        "serialisation/JSON-around-a-compact-token-with-other-claims",
        "not_base64url",
    );
}

/// jsonwebtoken (Rust) treated a date that it could not read as one that was not there.
#[test]
fn cve_2026_25537_a_date_of_the_wrong_type_is_refused() {
    for date in ["exp", "nbf"] {
        refused_case(
            &format!("date-shape/{date}-0-1800000100"),
            "claims_malformed",
        );
        refused_case(&format!("date-shape/{date}-2-never"), "claims_malformed");
    }
}

/// jwt-go took an empty list of audiences for no demand.
#[test]
fn cve_2020_26160_an_empty_audience_is_refused() {
    refused_case("aud/empty-array", "missing_claim");
    refused_case("aud/array-of-an-empty-text", "wrong_audience");
}

/// golang-jwt allocated for every dot.
#[test]
fn cve_2025_30204_ten_megabytes_of_dots_are_refused() {
    refused_case("size/ten-megabytes-of-dots", "token_too_large");
    refused_case("no-size-limit/ten-megabytes-of-dots", "not_compact_jws");
}

/// golang-jwt reported both faults at once, and callers that looked for the expiry overlooked the forgery.
#[test]
fn cve_2024_51744_a_forged_token_is_forged_before_it_is_expired() {
    refused_case(
        "borrowed/expired-and-forged-forged-is-what-counts-CVE-2024-51744",
        "signature_invalid",
    );
}

/// PyJWT compared the header with the allowed algorithms and then verified with the key's own.
#[test]
fn cve_2026_48523_header_and_key_must_agree_on_the_algorithm() {
    refused_case(
        "alg-swap/ES384-key-and-signature-declared-ES256",
        "wrong_algorithm",
    );
    refused_case(
        "alg-swap/ES384-where-ES256-alone-is-allowed",
        "wrong_algorithm",
    );
}
