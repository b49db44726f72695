use serde_json::{Value, json};

use super::Catalogue;
use crate::case::Case;
use crate::forge::{ISSUER, Key, NOW, borrowed_signature, encode, with};

const URI: &str = "https://id.example/status/1";
const SPEC: &str = "Token Status List";

fn zlib(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 9)
}

fn list(bits: u64, compressed: &[u8]) -> Value {
    json!({"bits": bits, "lst": encode(compressed)})
}

pub fn catalogue() -> Catalogue {
    let key = Key::read("ed25519-1");
    let mut jwk = key.jwk();
    jwk["kid"] = json!("ed25519-1");
    let mut cases = Vec::new();
    good(&key, &mut cases);
    of_another_kind(&key, &mut cases);
    of_another_hand(&key, &mut cases);
    wrong_claims(&key, &mut cases);
    wrong_lists(&key, &mut cases);
    Catalogue {
        now: NOW,
        issuer: ISSUER.to_owned(),
        uri: URI.to_owned(),
        key_set: json!({"keys": [jwk]}),
        cases,
    }
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "statuslist+jwt", "kid": "ed25519-1"})
}

fn claims() -> Value {
    json!({"sub": URI, "iat": NOW - 10, "exp": NOW + 3600, "ttl": 60, "status_list": list(2, &zlib(&[0xc9, 0x44, 0xf9]))})
}

fn good(key: &Key, cases: &mut Vec<Case>) {
    let mut add = |id: &str, claims: Value, why: &str| {
        let token = key.sign(header().to_string(), claims.to_string());
        cases.push(Case::good(id, token, why, SPEC));
    };
    add("good/full", claims(), "as the specification's example");
    add(
        "good/without-exp-and-ttl",
        with(&with(&claims(), "exp", Value::Null), "ttl", Value::Null),
        "both are optional",
    );
    add(
        "good/with-issuer",
        with(&claims(), "iss", json!(ISSUER)),
        "further claims are allowed",
    );
    for bits in [1, 2, 4, 8] {
        let claims = with(&claims(), "status_list", list(bits, &zlib(&[1, 2, 3])));
        add(&format!("good/{bits}-bits"), claims, "each width of §4.1");
    }
    add(
        "good/empty",
        with(&claims(), "status_list", list(1, &zlib(&[]))),
        "a list may be empty",
    );
}

fn of_another_kind(key: &Key, cases: &mut Vec<Case>) {
    let mut typed = |id: &str, typ: Value, reason: &str| {
        let token = key.sign(
            with(&header(), "typ", typ).to_string(),
            claims().to_string(),
        );
        cases.push(Case::bad(
            id,
            token,
            reason,
            "only a status list token is one",
            "RFC 8725 §3.11",
        ));
    };
    typed("type/access-token", json!("at+jwt"), "wrong_type");
    typed("type/plain", json!("JWT"), "wrong_type");
    typed("type/cwt", json!("statuslist+cwt"), "wrong_type");
    typed("type/upper-case", json!("STATUSLIST+JWT"), "wrong_type");
    typed("type/absent", Value::Null, "wrong_type");
    typed("type/number", json!(1), "header_malformed");
}

fn of_another_hand(key: &Key, cases: &mut Vec<Case>) {
    let good = key.sign(header().to_string(), claims().to_string());
    let mut bad = |id: &str, token: String, reason: &str, source: &str| {
        cases.push(Case::bad(
            id,
            token,
            reason,
            "the issuer did not sign this",
            source,
        ));
    };
    let thief = Key::read("attacker-ed25519");
    let foreign = thief.sign(header().to_string(), claims().to_string());
    bad(
        "signature/of-a-stranger",
        foreign.clone(),
        "signature_invalid",
        "RFC 7515 §5.2",
    );
    bad(
        "signature/borrowed",
        borrowed_signature(&good, &foreign),
        "signature_invalid",
        "RFC 7515 §5.2",
    );
    let revoked = key.sign(
        header().to_string(),
        with(&claims(), "ttl", json!(1)).to_string(),
    );
    bad(
        "signature/of-another-list",
        borrowed_signature(&good, &revoked),
        "signature_invalid",
        "RFC 7515 §5.2",
    );
    let none = with(&header(), "alg", json!("none")).to_string();
    bad(
        "algorithm/none",
        key.sign(none, claims().to_string()),
        "algorithm_none",
        "CVE-2015-9235",
    );
    let embedded = with(&header(), "jwk", thief.jwk()).to_string();
    bad(
        "key/embedded",
        thief.sign(embedded, claims().to_string()),
        "header_embedded_key",
        "CVE-2018-0114",
    );
    let unknown = with(&header(), "kid", json!("../../dev/null")).to_string();
    bad(
        "key/unknown",
        key.sign(unknown, claims().to_string()),
        "unknown_key",
        "RFC 8725 §3.10",
    );
    let zipped = with(&header(), "zip", json!("DEF")).to_string();
    bad(
        "header/zip",
        key.sign(zipped, claims().to_string()),
        "header_compressed",
        "RFC 7516 §4.1.3",
    );
    let twice = claims()
        .to_string()
        .replacen('{', r#"{"sub":"https://id.example/status/2","#, 1);
    bad(
        "claims/subject-twice",
        key.sign(header().to_string(), twice),
        "claims_malformed",
        "RFC 7519 §4",
    );
    bad(
        "shape/empty",
        String::new(),
        "not_compact_jws",
        "RFC 7515 §7.1",
    );
}

fn wrong_claims(key: &Key, cases: &mut Vec<Case>) {
    let mut add = |id: &str, name: &str, value: Value, reason: &str| {
        let token = key.sign(
            header().to_string(),
            with(&claims(), name, value).to_string(),
        );
        cases.push(Case::bad(
            id,
            token,
            reason,
            "it is not this list, or not now",
            "Token Status List §8.3",
        ));
    };
    add(
        "subject/another-list",
        "sub",
        json!("https://id.example/status/2"),
        "wrong_list",
    );
    add(
        "subject/prefix",
        "sub",
        json!("https://id.example/status/10"),
        "wrong_list",
    );
    add(
        "subject/trailing-slash",
        "sub",
        json!("https://id.example/status/1/"),
        "wrong_list",
    );
    add(
        "subject/upper-case",
        "sub",
        json!("HTTPS://id.example/status/1"),
        "wrong_list",
    );
    add("subject/absent", "sub", Value::Null, "missing_claim");
    add("subject/array", "sub", json!([URI]), "claims_malformed");
    add(
        "issuer/another",
        "iss",
        json!("https://evil.example"),
        "wrong_issuer",
    );
    add("expired/now", "exp", json!(NOW), "list_expired");
    add("expired/negative", "exp", json!(-1), "list_expired");
    add(
        "expired/text",
        "exp",
        json!((NOW + 3600).to_string()),
        "claims_malformed",
    );
    add("issued/absent", "iat", Value::Null, "missing_claim");
    add("issued/future", "iat", json!(NOW + 301), "list_from_future");
    add(
        "issued/text",
        "iat",
        json!(NOW.to_string()),
        "claims_malformed",
    );
    add("ttl/zero", "ttl", json!(0), "missing_claim");
    for (id, ttl) in [
        ("negative", json!(-1)),
        ("text", json!("60")),
        ("float", json!(0.5)),
    ] {
        add(&format!("ttl/{id}"), "ttl", ttl, "missing_claim");
    }
}

fn wrong_lists(key: &Key, cases: &mut Vec<Case>) {
    let mut add = |id: &str, list: Value, reason: &str| {
        let token = key.sign(
            header().to_string(),
            with(&claims(), "status_list", list).to_string(),
        );
        cases.push(Case::bad(
            id,
            token,
            reason,
            "a list is what §4 says and no larger than 4 MiB",
            "Token Status List §4",
        ));
    };
    let bytes = zlib(&[1, 2, 3]);
    add("list/absent", Value::Null, "missing_claim");
    add("list/array", json!([]), "missing_claim");
    add(
        "list/without-bits",
        json!({"lst": encode(&bytes)}),
        "missing_claim",
    );
    add("list/without-lst", json!({"bits": 2}), "missing_claim");
    add(
        "list/lst-as-number",
        json!({"bits": 2, "lst": 1}),
        "missing_claim",
    );
    for bits in [0, 3, 5, 16, 64] {
        add(&format!("bits/{bits}"), list(bits, &bytes), "list_bits");
    }
    add("bits/256", list(256, &bytes), "missing_claim");
    add(
        "bits/negative",
        json!({"bits": -1, "lst": encode(&bytes)}),
        "missing_claim",
    );
    add("compression/none", list(2, &[1, 2, 3]), "list_compression");
    add("compression/empty", list(2, &[]), "list_compression");
    add(
        "compression/raw-deflate",
        list(2, &miniz_oxide::deflate::compress_to_vec(&[1, 2, 3], 9)),
        "list_compression",
    );
    add(
        "compression/truncated",
        list(2, &bytes[..bytes.len() - 1]),
        "list_compression",
    );
    let mut altered = bytes.clone();
    *altered.last_mut().unwrap() ^= 1;
    add(
        "compression/checksum",
        list(2, &altered),
        "list_compression",
    );
    add(
        "compression/gzip",
        list(2, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
        "list_compression",
    );
    add(
        "compression/bomb",
        list(1, &zlib(&vec![0; (4 << 20) + 1])),
        "list_too_large",
    );
    let padded = json!({"bits": 2, "lst": encode(&bytes) + "="});
    add("encoding/padding", padded, "list_compression");
    let standard = json!({"bits": 2, "lst": "eNpj+//"});
    add("encoding/alphabet", standard, "list_compression");
}
