use super::Family;
use crate::catalogue::Case;
use crate::forge::{good, header, quote, token, with_header};
use crate::keys::Signer;

pub fn write(cases: &mut Vec<Case>) {
    critical(cases);
    types(cases);
    content(cases);
    duplicates(cases);
    broken_json(cases);
}

fn critical(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "crit").why(
        "CVE-2025-59420, CVE-2026-32597, RFC 7515 §4.1.11",
        "an extension that must be understood, and is not",
    );
    let values = [
        ("unknown extension", r#"["http://example.com/must"]"#),
        ("empty", "[]"),
        ("naming alg", r#"["alg"]"#),
        ("naming itself", r#"["crit"]"#),
        ("naming what is absent", r#"["x"]"#),
        ("naming b64", r#"["b64"]"#),
        ("naming one twice", r#"["x","x"]"#),
        ("a string", r#""x""#),
        ("null", "null"),
        ("an object", r#"{"x":true}"#),
        ("a number", "1"),
        ("false", "false"),
        ("with numbers inside", "[1]"),
    ];
    for (title, value) in values {
        family.refuse(
            title,
            "header_critical",
            with_header(header("EdDSA").and("crit", value).json()),
        );
    }
    let understood = header("EdDSA")
        .and("http://example.com/must", "true")
        .and("crit", r#"["http://example.com/must"]"#);
    family.refuse(
        "unknown extension that is there",
        "header_critical",
        with_header(understood.json()),
    );
    family.refuse(
        "before everything else",
        "header_critical",
        with_header(header("EdDSA").before("crit", r#"["x"]"#).json()),
    );
}

/// RFC 9068 §4 step 1: the type is checked, and all others are rejected.
fn types(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "typ").why(
        "RFC 9068 §4, RFC 8725 §3.11",
        "a token of another kind is no access token",
    );
    let types = [
        "JWT",
        "jwt",
        "id+jwt",
        "logout+jwt",
        "statuslist+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "client-authentication+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "kb+jwt",
        "dc+sd-jwt",
        "JOSE",
        "AT+JWT",
        "at+JWT",
        "At+jwt",
        "at+jwt ",
        " at+jwt",
        "at+jwt\0",
        "at+jwt;v=1",
        "at jwt",
        "atjwt",
        "at+jwt+x",
        "application/at+JWT",
        "application/jwt",
        "application/application/at+jwt",
        "text/at+jwt",
        "",
    ];
    for (at, typ) in types.into_iter().enumerate() {
        family.refuse(
            format!("type {at} {typ:?}"),
            "wrong_type",
            with_header(header("EdDSA").with("typ", &quote(typ)).json()),
        );
    }
    for value in ["null", "1", r#"["at+jwt"]"#, r#"{"typ":"at+jwt"}"#] {
        family.refuse(
            value,
            "header_malformed",
            with_header(header("EdDSA").with("typ", value).json()),
        );
    }
    family.refuse(
        "missing",
        "wrong_type",
        with_header(header("EdDSA").without("typ").json()),
    );
    family.refuse(
        "under another spelling of the name",
        "wrong_type",
        with_header(
            header("EdDSA")
                .without("typ")
                .and("Typ", r#""at+jwt""#)
                .json(),
        ),
    );
    family = family.at("no-typ");
    family.refuse(
        "access token where none is written",
        "wrong_type",
        good("EdDSA"),
    );
}

fn content(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "content").why(
        "RFC 7519 §5.2, RFC 7516 §4.1.3",
        "a signed access token holds claims: not compressed, not encrypted, not another token",
    );
    for (name, value, reason) in [
        ("cty", r#""JWT""#, "header_nested"),
        ("cty", r#""jwt""#, "header_nested"),
        ("cty", r#""""#, "header_nested"),
        ("cty", "null", "header_nested"),
        ("zip", r#""DEF""#, "header_compressed"),
        ("zip", r#""""#, "header_compressed"),
        ("enc", r#""A128GCM""#, "header_encrypted"),
    ] {
        family.refuse(
            format!("{name} {value}"),
            reason,
            with_header(header("EdDSA").and(name, value).json()),
        );
    }
    let inner = good("EdDSA");
    family.refuse(
        "nested token, announced",
        "header_nested",
        token(
            header("EdDSA").and("cty", r#""JWT""#).json(),
            &inner,
            &Signer::of("EdDSA"),
        ),
    );
    family.refuse(
        "nested token, not announced",
        "claims_malformed",
        token(header("EdDSA").json(), &inner, &Signer::of("EdDSA")),
    );
}

fn duplicates(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "duplicate-header").why(
        "RFC 7515 §4, RFC 8725 §2.4",
        "one reader keeps the first of two members, another the last",
    );
    let base = || header("EdDSA");
    let twice = [
        ("alg none behind", base().and("alg", r#""none""#)),
        ("alg HS256 behind", base().and("alg", r#""HS256""#)),
        ("alg HS256 in front", base().before("alg", r#""HS256""#)),
        ("alg the same", base().and("alg", r#""EdDSA""#)),
        ("kid behind", base().and("kid", r#""es256-1""#)),
        ("kid in front", base().before("kid", r#""es256-1""#)),
        ("kid the same", base().and("kid", r#""ed25519-1""#)),
        ("typ behind", base().and("typ", r#""JWT""#)),
        ("typ in front", base().before("typ", r#""JWT""#)),
        (
            "alg in an escaped spelling",
            base().and("\\u0061lg", r#""EdDSA""#),
        ),
        (
            "kid in an escaped spelling",
            base().and("k\\u0069d", r#""es256-1""#),
        ),
        ("of unknown meaning", base().and("x", "1").and("x", "2")),
        ("with empty names", base().and("", "1").and("", "2")),
        ("inside a member", base().and("x", r#"{"a":1,"a":2}"#)),
    ];
    for (title, members) in twice {
        family.refuse(title, "header_malformed", with_header(members.json()));
    }
    family.refuse(
        "alg none in front",
        "algorithm_none",
        with_header(base().before("alg", r#""none""#).json()),
    );
}

fn broken_json(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "header", "header-json").why(
        "RFC 8259, RFC 7515 §5.2",
        "the header is one JSON object in UTF-8 and nothing else",
    );
    let good = header("EdDSA").json();
    let inside = |text: &str| format!("{},{text}}}", &good[..good.len() - 1]);
    let texts = [
        ("byte order mark", format!("\u{feff}{good}")),
        ("trailing brace", format!("{good}}}")),
        ("trailing object", format!("{good}{{}}")),
        ("trailing NUL", format!("{good}\0")),
        ("missing brace", good[..good.len() - 1].to_owned()),
        ("trailing comma", inside("")),
        ("block comment", inside("/*x*/\"x\":1")),
        ("line comment", format!("{good}//x")),
        ("single quotes", good.replace('"', "'")),
        ("names without quotes", good.replace("\"alg\"", "alg")),
        ("NaN", inside("\"x\":NaN")),
        ("Infinity", inside("\"x\":-Infinity")),
        ("1e400", inside("\"x\":1e400")),
        ("leading zero", inside("\"x\":01")),
        ("leading plus", inside("\"x\":+1")),
        ("hexadecimal", inside("\"x\":0x10")),
        ("bare dot", inside("\"x\":.5")),
        ("lone high surrogate", inside(r#""x":"\ud83d""#)),
        ("lone low surrogate", inside(r#""x":"\ude00""#)),
        ("surrogates exchanged", inside(r#""x":"\ude00\ud83d""#)),
        ("unknown escape", inside(r#""x":"\x41""#)),
        ("raw line end in text", inside("\"x\":\"a\nb\"")),
        ("raw NUL in text", inside("\"x\":\"a\0b\"")),
        ("True", inside("\"x\":True")),
        (
            "deep array",
            inside(&format!("\"x\":{}{}", "[".repeat(40), "]".repeat(40))),
        ),
        (
            "deep object",
            inside(&format!(
                "\"x\":{}1{}",
                "{\"a\":".repeat(40),
                "}".repeat(40)
            )),
        ),
        ("an array", format!("[{good}]")),
        ("a string", quote(&good)),
        ("a number", "1".to_owned()),
        ("null", "null".to_owned()),
        ("white space", " ".to_owned()),
        (
            "YAML",
            "alg: EdDSA\ntyp: at+jwt\nkid: ed25519-1\n".to_owned(),
        ),
    ];
    for (title, text) in texts {
        family.refuse(title, "header_malformed", with_header(text));
    }
    family.refuse("empty object", "algorithm_missing", with_header("{}"));
    family.refuse(
        "invalid UTF-8",
        "header_malformed",
        with_header([good.as_bytes(), b"\xff"].concat()),
    );
    family.refuse(
        "overlong UTF-8 in a name",
        "header_malformed",
        with_header([&good.as_bytes()[..good.len() - 1], b",\"\xc1\xa1\":1}"].concat()),
    );
    family.refuse(
        "UTF-16",
        "header_malformed",
        with_header(
            good.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>(),
        ),
    );
}
