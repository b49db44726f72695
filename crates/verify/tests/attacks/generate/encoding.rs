use super::Family;
use crate::catalogue::Case;
use crate::forge::{claims, good, header, signed};
use crate::keys::{Signer, encode};

pub fn write(cases: &mut Vec<Case>) {
    base64(cases);
    dots(cases);
    other_serialisations(cases);
    not_a_token(cases);
}

/// One token has one spelling; otherwise a deny list of tokens is a list of suggestions.
fn base64(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "encoding", "base64").why(
        "RFC 7515 §2, RFC 4648 §3.5",
        "base64url without padding, and no second spelling of the same bytes",
    );
    let head = pad_to(header("EdDSA").json(), 1);
    let body = pad_to(claims().json(), 1);
    let sign = |head: &str, body: &str| signed(head, body, &Signer::of("EdDSA"));
    let (head, body) = (encode(head.as_bytes()), encode(body.as_bytes()));
    for (title, spoil) in spoilers() {
        family.refuse(
            format!("header {title}"),
            "not_base64url",
            sign(&spoil(&head), &body),
        );
        family.refuse(
            format!("payload {title}"),
            "not_base64url",
            sign(&head, &spoil(&body)),
        );
        let (input, signature) = good("EdDSA")
            .rsplit_once('.')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        family.refuse(
            format!("signature {title}"),
            "not_base64url",
            format!("{input}.{}", spoil(&signature)),
        );
    }
    let token = good("EdDSA");
    let (input, signature) = token.rsplit_once('.').unwrap();
    family.refuse(
        "signature of impossible length",
        "not_base64url",
        format!("{input}.{}", &signature[..85]),
    );
    family.refuse(
        "standard alphabet",
        "not_base64url",
        format!("{input}.{}", standard_alphabet(signature)),
    );
}

type Spoiler = fn(&str) -> String;

fn spoilers() -> [(&'static str, Spoiler); 9] {
    [
        ("with trailing bits", |text| next_last(text)),
        ("with padding", |text| format!("{text}==")),
        ("with one padding sign", |text| format!("{text}=")),
        ("with escaped padding", |text| format!("{text}%3D%3D")),
        ("with a line end inside", |text| {
            format!("{}\n{}", &text[..8], &text[8..])
        }),
        ("with a blank behind", |text| format!("{text} ")),
        ("with a NUL behind", |text| format!("{text}\0")),
        ("with a letter that is not ASCII", |text| {
            format!("{}é{}", &text[..8], &text[8..])
        }),
        ("with a plus sign", |text| {
            format!("{}+{}", &text[..8], &text[9..])
        }),
    ]
}

/// The same bytes with a bit set that decoders may drop: the last letter's successor.
fn next_last(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = text.as_bytes()[text.len() - 1];
    let at = ALPHABET.iter().position(|letter| *letter == last).unwrap();
    format!("{}{}", &text[..text.len() - 1], ALPHABET[at + 1] as char)
}

/// Blanks behind the JSON until its length leaves `rest` when divided by three, so that there are trailing bits to set.
fn pad_to(mut json: String, rest: usize) -> String {
    while json.len() % 3 != rest {
        json.push(' ');
    }
    json
}

fn standard_alphabet(text: &str) -> String {
    let replaced = text.replace('-', "+").replace('_', "/");
    assert_ne!(replaced, text, "the signature has neither - nor _");
    replaced
}

fn dots(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "encoding", "dots")
        .why("RFC 7515 §7.1", "three parts, none of them empty");
    let token = good("EdDSA");
    let parts: Vec<_> = token.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("{token}")
    };
    let shapes = [
        ("empty text", String::new()),
        ("one dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("three dots", "...".to_owned()),
        ("no dot", token.replace('.', "")),
        ("header alone", head.to_owned()),
        ("header and payload", format!("{head}.{body}")),
        ("empty header", format!(".{body}.{signature}")),
        ("empty payload", format!("{head}..{signature}")),
        ("empty signature", format!("{head}.{body}.")),
        ("dot in front", format!(".{token}")),
        ("dot behind", format!("{token}.")),
        (
            "two dots after the header",
            format!("{head}..{body}.{signature}"),
        ),
        (
            "two dots after the payload",
            format!("{head}.{body}..{signature}"),
        ),
        ("fourth part", format!("{token}.{signature}")),
        (
            "five parts, as a JWE has",
            format!("{token}.{body}.{signature}"),
        ),
        ("two tokens", format!("{token}.{token}")),
        ("commas for dots", token.replace('.', ",")),
        ("full-width dots", token.replace('.', "．")),
    ];
    for (title, text) in shapes {
        family.refuse(title, "not_compact_jws", text);
    }
    let detached = signed(head, "", &Signer::of("EdDSA"));
    family.refuse("detached payload, signed so", "not_compact_jws", detached);
}

fn other_serialisations(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "encoding", "serialisation").why(
        "CVE-2022-39227, RFC 7515 §7.2",
        "a token that is compact to one reader and JSON to another has two meanings",
    );
    let token = good("EdDSA");
    let parts: Vec<_> = token.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("{token}")
    };
    let flat = format!(r#"{{"payload":"{body}","protected":"{head}","signature":"{signature}"}}"#);
    family.refuse("flattened JSON", "not_compact_jws", flat.clone());
    let general = format!(
        r#"{{"payload":"{body}","signatures":[{{"protected":"{head}","signature":"{signature}"}}]}}"#
    );
    family.refuse("general JSON", "not_compact_jws", general);
    let evil = encode(claims().with("sub", r#""admin""#).json().as_bytes());
    let polyglot = format!(
        r#"{{"  {head}.{evil}.":"","protected":"{head}","payload":"{body}","signature":"{signature}"}}"#
    );
    family.refuse(
        "JSON around a compact token with other claims",
        "not_base64url",
        polyglot,
    );
    family.refuse(
        "compact token in quotes",
        "not_base64url",
        format!("\"{token}\""),
    );
    family.refuse(
        "JSON behind a compact token",
        "not_base64url",
        format!("{token}{flat}"),
    );
    let unencoded = header("EdDSA")
        .and("b64", "false")
        .and("crit", r#"["b64"]"#)
        .json();
    family.refuse(
        "unencoded payload (RFC 7797)",
        "header_critical",
        signed(
            &encode(unencoded.as_bytes()),
            r#"{"sub":"alice"}"#,
            &Signer::of("EdDSA"),
        ),
    );
    let undeclared = header("EdDSA").and("b64", "false").json();
    family.refuse(
        "b64 without crit",
        "header_critical",
        signed(&encode(undeclared.as_bytes()), body, &Signer::of("EdDSA")),
    );
    family.refuse(
        "b64 that changes nothing",
        "header_critical",
        signed(
            &encode(header("EdDSA").and("b64", "true").json().as_bytes()),
            body,
            &Signer::of("EdDSA"),
        ),
    );
}

fn not_a_token(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "encoding", "surroundings")
        .why("RFC 6750 §2.1", "the token and nothing around it");
    let token = good("EdDSA");
    let shapes = [
        ("scheme in front", format!("Bearer {token}")),
        ("blank in front", format!(" {token}")),
        ("blank behind", format!("{token} ")),
        ("line end behind", format!("{token}\n")),
        ("CRLF and a field behind", format!("{token}\r\nX-Admin: 1")),
        ("byte order mark in front", format!("\u{feff}{token}")),
        ("NUL behind", format!("{token}\0")),
        (
            "SD-JWT disclosures behind",
            format!("{token}~WyJzYWx0IiwiYSIsMV0~"),
        ),
        ("two tokens and a comma", format!("{token},{token}")),
    ];
    for (title, text) in shapes {
        let reason = if title.starts_with("two") {
            "not_compact_jws"
        } else {
            "not_base64url"
        };
        family.refuse(title, reason, text);
    }
    for (title, text) in [
        ("the word null", "null"),
        ("the word undefined", "undefined"),
        ("a refresh token", "kw_rt_1_0190f0f0_7_c2VjcmV0"),
        ("Basic credentials", "YWxpY2U6c2VjcmV0"),
    ] {
        family.refuse(title, "not_compact_jws", text.to_owned());
    }
    family.refuse(
        "PASETO",
        "not_base64url",
        "v4.public.eyJzdWIiOiJhbGljZSJ9".to_owned(),
    );
}
