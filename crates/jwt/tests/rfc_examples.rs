//! The worked examples of the JOSE specifications. Where an example uses an algorithm that is not offered here, the test
//! is that it is refused.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use keywright_jwt::{
    Algorithm, Compact, Header, HeaderError, Jwk, JwkError, JwkSet, JwkSetError, VerifyingKey,
};

/// The claims that all of RFC 7515 appendix A signs, line breaks included.
const JOE: &str =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

const RFC_7515_A1: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
    .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
    .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The octets of the `k` of RFC 7515 A.1.1.
const RFC_7515_A1_SECRET: [u8; 64] = [
    3, 35, 53, 75, 43, 15, 165, 188, 131, 126, 6, 101, 119, 123, 166, 143, 90, 179, 40, 230, 240,
    84, 201, 40, 169, 15, 132, 178, 210, 80, 46, 191, 211, 251, 90, 146, 210, 6, 71, 239, 150, 138,
    180, 195, 119, 98, 61, 34, 61, 46, 33, 114, 5, 46, 79, 8, 192, 205, 154, 245, 103, 208, 128,
    163,
];

const RFC_7515_A2: &str = "eyJhbGciOiJSUzI1NiJ9\
    .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
    .cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU\
    Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x\
    i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypG\
    lUPQGe77Rw";

const RFC_7515_A2_KEY: &str = r#"{"kty":"RSA","e":"AQAB",
    "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;

const RFC_7515_A3: &str = "eyJhbGciOiJFUzI1NiJ9\
    .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
    .DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

const RFC_7515_A3_KEY: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

const RFC_7520_PAYLOAD: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto the road, \
    and if you don't keep your feet, there\u{2019}s no knowing where you might be swept off to.";

const RFC_7520_ENCODED_PAYLOAD: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW\
    91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW\
    91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

const RFC_7520_RSA_KEY: &str = r#"{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","e":"AQAB",
    "n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"}"#;

/// `{"alg":"RS256","kid":"bilbo.baggins@hobbiton.example"}` and its signature.
const RFC_7520_4_1: [&str; 2] = [
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
    "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
];

/// `{"alg":"HS256","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037"}` and its signature.
const RFC_7520_4_4: [&str; 2] = [
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9",
    "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
];

const RFC_7520_4_4_SECRET: [u8; 32] = [
    0x84, 0x9b, 0x57, 0x21, 0x9d, 0xae, 0x48, 0xde, 0x64, 0x6d, 0x07, 0xdb, 0xb5, 0x33, 0x56, 0x6e,
    0x97, 0x66, 0x86, 0x45, 0x7c, 0x14, 0x91, 0xbe, 0x3a, 0x76, 0xdc, 0xea, 0x6c, 0x42, 0x71, 0x88,
];

const RFC_8037_KEY: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const RFC_8037_A4: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc\
    .hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn public(jwk: &str, algorithm: Algorithm) -> VerifyingKey {
    VerifyingKey::from_jwk(&Jwk::parse(jwk.as_bytes()).expect("a JWK"), algorithm).expect("a key")
}

/// Verifies `token` and hands back its payload; everything must hold.
fn open(key: &VerifyingKey, token: &str) -> String {
    let compact = Compact::split(token).expect("a compact JWS");
    let header = compact.decode_header().expect("base64url");
    assert_eq!(
        Header::parse(&header).expect("a header").algorithm,
        key.algorithm()
    );
    let signature = compact.decode_signature().expect("base64url");
    assert_eq!(
        key.verify(compact.signing_input(), signature.as_bytes()),
        Ok(())
    );
    let mut payload = Vec::new();
    compact.decode_payload(&mut payload).expect("base64url");
    String::from_utf8(payload).expect("UTF-8")
}

fn header_error(token_header: &str) -> HeaderError {
    let token = format!("{token_header}.e30.AAAA");
    let json = Compact::split(&token)
        .and_then(|compact| compact.decode_header())
        .expect("an encoded header");
    Header::parse(&json).expect_err("a refusal")
}

#[test]
fn rfc_7515_a1_hs256() {
    let key = VerifyingKey::from_secret(Algorithm::Hs256, &RFC_7515_A1_SECRET).unwrap();
    assert_eq!(open(&key, RFC_7515_A1), JOE);
}

#[test]
fn rfc_7515_a2_rs256() {
    assert_eq!(
        open(&public(RFC_7515_A2_KEY, Algorithm::Rs256), RFC_7515_A2),
        JOE
    );
}

#[test]
fn rfc_7515_a3_es256() {
    assert_eq!(
        open(&public(RFC_7515_A3_KEY, Algorithm::Es256), RFC_7515_A3),
        JOE
    );
}

#[test]
fn rfc_7515_a4_es512_is_not_offered() {
    assert_eq!(
        header_error("eyJhbGciOiJFUzUxMiJ9").code(),
        "algorithm_unknown"
    );
}

#[test]
fn rfc_7515_a5_an_unsecured_token_is_refused_twice() {
    // {"alg":"none"} with an empty signature: neither its shape nor its header passes.
    assert!(Compact::split("eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.").is_err());
    assert_eq!(header_error("eyJhbGciOiJub25lIn0"), HeaderError::Unsigned);
}

#[test]
fn rfc_7515_appendix_e_a_critical_header_is_refused() {
    let header = br#"{"alg":"ES256","crit":["exp"],"exp":1363284000}"#;
    assert_eq!(Header::parse(header), Err(HeaderError::Critical));
}

#[test]
fn rfc_7517_a1_public_keys_are_read_and_the_encryption_key_is_left_out() {
    let set = r#"{"keys":[
        {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
         "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},
        {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
         "e":"AQAB","alg":"RS256","kid":"2011-04-29"}]}"#;
    let set = JwkSet::parse(set.as_bytes()).unwrap();
    let kids: Vec<_> = set.keys.iter().map(Jwk::kid).collect();
    assert_eq!(kids, [Some("2011-04-29")]);
    // RFC 7638 §3.1 takes this very key as its example.
    assert_eq!(
        set.keys[0].thumbprint(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert!(VerifyingKey::from_jwk(&set.keys[0], Algorithm::Rs256).is_ok());
}

#[test]
fn rfc_7517_a2_a_private_key_in_a_published_set_is_left_out() {
    let private = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","kid":"1"}"#;
    assert_eq!(Jwk::parse(private.as_bytes()), Err(JwkError::Private));
    let set = JwkSet::parse(format!("{{\"keys\":[{private}]}}").as_bytes()).unwrap();
    assert!(set.keys.is_empty());
}

#[test]
fn rfc_7517_a3_symmetric_keys_are_no_public_keys() {
    let set = r#"{"keys":[{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"},
        {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","kid":"HMAC"}]}"#;
    assert_eq!(JwkSet::parse(set.as_bytes()), Ok(JwkSet::default()));
    assert_eq!(JwkSet::parse(b"{}"), Err(JwkSetError::NoKeys));
}

#[test]
fn rfc_7520_4_1_rs256() {
    let [header, signature] = RFC_7520_4_1;
    let token = format!("{header}.{RFC_7520_ENCODED_PAYLOAD}.{signature}");
    assert_eq!(
        open(&public(RFC_7520_RSA_KEY, Algorithm::Rs256), &token),
        RFC_7520_PAYLOAD
    );
}

#[test]
fn rfc_7520_4_2_and_4_3_ps384_and_es512_are_not_offered() {
    let headers = [
        "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
    ];
    for header in headers {
        assert_eq!(header_error(header).code(), "algorithm_unknown");
    }
}

#[test]
fn rfc_7520_4_4_hs256() {
    let [header, signature] = RFC_7520_4_4;
    let key = VerifyingKey::from_secret(Algorithm::Hs256, &RFC_7520_4_4_SECRET).unwrap();
    assert_eq!(
        open(
            &key,
            &format!("{header}.{RFC_7520_ENCODED_PAYLOAD}.{signature}")
        ),
        RFC_7520_PAYLOAD
    );
}

#[test]
fn rfc_7520_4_5_detached_content_is_no_token() {
    let [header, signature] = RFC_7520_4_4;
    assert!(Compact::split(&format!("{header}..{signature}")).is_err());
}

#[test]
fn rfc_8037_a3_thumbprint() {
    let jwk = Jwk::parse(RFC_8037_KEY.as_bytes()).unwrap();
    assert_eq!(
        jwk.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn rfc_8037_a4_ed25519() {
    assert_eq!(
        open(&public(RFC_8037_KEY, Algorithm::EdDsa), RFC_8037_A4),
        "Example of Ed25519 signing"
    );
}
