//! Secrets, by the forms that their makers gave them so that they are found.

use serde_json::{Map, Value};

use super::Kind;

/// How tokens and keys of well-known makers begin, and how much must follow.
const PREFIXES: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("AGE-SECRET-KEY-", 20),
    ("EAAC", 30),
    ("SG.", 20),
    ("dop_v1_", 20),
    ("doo_v1_", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("gsk_", 20),
    ("hf_", 20),
    ("hvs.", 20),
    ("hvb.", 20),
    ("key-", 32),
    ("kwr_", 20),
    ("kws_", 20),
    ("lin_api_", 20),
    ("npm_", 20),
    ("nvapi-", 20),
    ("pat-", 30),
    ("pypi-", 20),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("shpat_", 20),
    ("shpss_", 20),
    ("sk-", 20),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("sq0csp-", 20),
    ("whsec_", 20),
    ("xapp-", 20),
    ("xoxa-", 10),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("ya29.", 20),
    ("MC4CAQAwBQYDK2Vw", 20),
    ("MHcCAQEEI", 20),
    ("MIGHAgEAMBMGByqGSM49", 20),
    ("MIIEvQIBADANBgkqhkiG9w0", 20),
    ("MIIEpAIBAAK", 20),
];

/// How password hashes begin (crypt(5), PHC strings, LDAP, Django).
const HASHES: &[&str] = &[
    "$argon2",
    "$2a$",
    "$2b$",
    "$2x$",
    "$2y$",
    "$1$",
    "$5$",
    "$6$",
    "$y$",
    "$7$",
    "$scrypt$",
    "$pbkdf2",
    "$sha1$",
    "$apr1$",
    "pbkdf2_sha",
    "pbkdf2:sha",
    "scrypt:",
    "bcrypt$",
    "argon2$",
    "{SSHA",
    "{SHA",
    "{CRYPT}",
    "{PBKDF2",
    "{ARGON2",
    "{MD5}",
    "{SMD5}",
];

/// The secret that `text` is by its form.
pub fn of_form(text: &str) -> Option<Kind> {
    let first = *text.as_bytes().first()?;
    if text.len() < 8 {
        return None;
    }
    if matches!(first, b'$' | b'{' | b'p' | b's' | b'b' | b'a')
        && HASHES.iter().any(|begin| text.starts_with(begin))
    {
        return Some(Kind::PasswordHash);
    }
    let signs = Signs::of(text);
    if signs.dashes >= 10 && text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return Some(Kind::PrivateKey);
    }
    if (signs.at && is_url_with_password(text)) || (signs.equals && is_connection_string(text)) {
        return Some(Kind::ApiKey);
    }
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    if is_jwt(text) {
        return Some(Kind::Token);
    }
    if PREFIXES
        .iter()
        .any(|(begin, more)| begins(text, begin, *more))
    {
        let key = text.starts_with("MI") || text.starts_with("MC4") || text.starts_with("MHc");
        return Some(if key { Kind::PrivateKey } else { Kind::ApiKey });
    }
    text.strip_prefix("Basic ")
        .filter(|rest| rest.len() >= 8 && !rest.contains(' '))
        .map(|_| Kind::Password)
}

/// A JWK with its private half (RFC 7518 §6): `d`, or the `k` of a symmetric one.
pub fn is_private_jwk(members: &Map<String, Value>) -> bool {
    members.contains_key("kty") && (members.contains_key("d") || members.contains_key("k"))
}

/// Whether `text` is random enough for a key: long, of one word, letters and digits mixed. A UUID and a hash by its name are
/// references, not secrets; the name of the claim decides who asks.
pub fn is_random(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/=~".contains(&byte);
    if !(16..=512).contains(&text.len()) || !text.bytes().all(plain) || is_uuid(text) {
        return false;
    }
    let changes = text
        .as_bytes()
        .windows(2)
        .filter(|pair| class(pair[0]) != class(pair[1]))
        .count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 2 && changes * 4 >= text.len()
}

pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && (0..).zip(text.bytes()).all(|(at, byte): (usize, _)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

/// Three parts of base64url, the first of which begins like a JSON object.
fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ")
        && text.bytes().filter(|byte| *byte == b'.').count() >= 2
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn begins(text: &str, begin: &str, more: usize) -> bool {
    if text.len() < begin.len() + more {
        return false;
    }
    let Some(rest) = text.strip_prefix(begin) else {
        return false;
    };
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+=".contains(&byte);
    rest.bytes().all(word)
        && rest
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// A URL with a password in it (RFC 3986 §3.2.1).
fn is_url_with_password(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':'))
            .is_some_and(|(_, password)| !password.is_empty())
    })
}

fn is_connection_string(text: &str) -> bool {
    let signs = [
        "AccountKey=",
        "SharedAccessKey=",
        "Password=",
        "password=",
        "pwd=",
        "Pwd=",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

/// What few texts have, counted in one pass: each of the searches above costs more than it.
#[derive(Default)]
struct Signs {
    at: bool,
    equals: bool,
    dashes: usize,
}

impl Signs {
    fn of(text: &str) -> Self {
        let mut signs = Self::default();
        for byte in text.bytes() {
            signs.at |= byte == b'@';
            signs.equals |= byte == b'=';
            signs.dashes += usize::from(byte == b'-');
        }
        signs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_secrets_are_known() {
        for (text, kind) in [
            (
                "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
                Kind::PasswordHash,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----",
                Kind::PrivateKey,
            ),
            ("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", Kind::Token),
            (
                "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
                Kind::Token,
            ),
            ("AKIAIOSFODNN7EXAMPLE", Kind::ApiKey),
            ("amqp://app:hunter2@queue.example", Kind::ApiKey),
            ("Basic YW5uOmh1bnRlcjI=", Kind::Password),
        ] {
            assert_eq!(of_form(text), Some(kind), "{text}");
        }
        for text in [
            "key-value",
            "sk-learn",
            "https://app.example/a@b:c",
            "-----BEGIN PUBLIC KEY-----",
            "eyJ",
            "basic",
            "$25.00 off",
            "postgres://db.example/app",
        ] {
            assert_eq!(of_form(text), None, "{text}");
        }
    }

    #[test]
    fn random_texts_are_told_from_words() {
        assert!(
            is_random("9f86d081884c7d659a2feaa0c55ad015") && is_random("tGzv3JOkF0XG5Qx2TlKWIA")
        );
        for text in [
            "production-server-2",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            "2024-11-30T12:00:00Z",
            "short1",
            "1234567890123456",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
