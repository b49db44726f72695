//! Rule 3: what a room's source must not mention, and SQL, which belongs to the store.

use super::Violation;
use crate::source::{Source, behind_closing, is_name};

/// Paths that some rooms must not use outside their tests.
pub struct Ban {
    pub rooms: &'static [&'static str],
    pub paths: &'static [&'static str],
    pub reason: &'static str,
}

pub fn check(room: &str, file: &str, source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    if !is_test_file(file) {
        found.extend(banned_paths(room, &source.code));
    }
    if room != "store" {
        let statements = source.literals.iter().filter(|(_, text)| is_sql(text));
        let reason = format!("SQL in {room}: it belongs to store");
        found.extend(statements.map(|(offset, _)| (*offset, reason.clone())));
    }
    let violations = found.into_iter().map(|(offset, reason)| Violation {
        file: file.to_owned(),
        line: source.line(offset),
        reason,
    });
    violations.collect()
}

/// Where the code breaks a ban of its room, and which.
fn banned_paths(room: &str, code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for ban in super::BANS.iter().filter(|ban| ban.rooms.contains(&room)) {
        for path in ban.paths {
            let reason = format!("{path} in {room}: {}", ban.reason);
            let offsets = mentions(code, path).into_iter();
            found.extend(offsets.map(|offset| (offset, reason.clone())));
        }
    }
    found
}

fn is_test_file(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

/// Where the code names this path, written out or in a `use prefix::{…}`.
fn mentions(code: &str, path: &str) -> Vec<usize> {
    let mut offsets: Vec<usize> = whole_words(code, path).collect();
    if let Some((prefix, leaf)) = path.rsplit_once("::") {
        for open in whole_words(code, &format!("{prefix}::")) {
            let open = open + prefix.len() + "::".len();
            if code[open..].starts_with('{') {
                offsets.extend(group_member(code, open, leaf));
            }
        }
    }
    offsets
}

/// Where a `{…}` of imports names this leaf at its first level.
fn group_member(code: &str, open: usize, leaf: &str) -> Option<usize> {
    let end = behind_closing(code.as_bytes(), open);
    whole_words(&code[..end], leaf).find(|at| {
        let Some(before) = code.get(open + 1..*at) else {
            return false;
        };
        let is_first_level = before.matches('{').count() == before.matches('}').count();
        is_first_level && (before.trim().is_empty() || before.trim_end().ends_with(','))
    })
}

fn whole_words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    let is_open_ended = word.ends_with("::");
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = at.checked_sub(1).map(|at| bytes[at]);
            let behind = bytes.get(at + word.len()).copied();
            !before.is_some_and(is_name) && (is_open_ended || !behind.is_some_and(is_name))
        })
}

/// Statements begin with a verb that only SQL writes this way; prose such as "Select a role" is none.
fn is_sql(text: &str) -> bool {
    const PAIRS: &[&[&str]] = &[
        &["INSERT", "INTO"],
        &["INSERT", "OR"],
        &["DELETE", "FROM"],
        &["CREATE", "TABLE"],
        &["CREATE", "INDEX"],
        &["CREATE", "UNIQUE"],
        &["CREATE", "TRIGGER"],
        &["ALTER", "TABLE"],
        &["DROP", "TABLE"],
        &["DROP", "INDEX"],
        &["BEGIN", "IMMEDIATE"],
        &["PRAGMA"],
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let is_query = match words.first().copied() {
        Some("SELECT") => true,
        Some("UPDATE") => has("SET"),
        Some("WITH") => has("AS"),
        _ => false,
    };
    is_query || PAIRS.iter().any(|pair| begins_with(&words, pair))
}

/// In one case throughout: "Delete from …" is a sentence.
fn begins_with(words: &[&str], pair: &[&str]) -> bool {
    let lower: Vec<String> = pair.iter().map(|word| word.to_ascii_lowercase()).collect();
    words.starts_with(pair) || (words.len() >= pair.len() && lower.iter().eq(&words[..pair.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(room: &str, text: &str) -> Vec<String> {
        let violations = check(room, "src/a.rs", &Source::read(text));
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn clock_and_randomness_in_domain_are_caught_where_they_stand() {
        let text = "fn f() {\n    let now = std::time::SystemTime::now();\n}\n";
        let caught = reasons("domain", text);
        assert_eq!(caught.len(), 1);
        assert!(
            caught[0].starts_with("src/a.rs:2: SystemTime::now in domain: take the Clock port")
        );
        for text in [
            "Instant::now()",
            "jiff::Zoned::now()",
            "Uuid::new_v4()",
            "aws_lc_rs::rand::fill(&mut b)",
        ] {
            assert_eq!(reasons("domain", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn environment_and_files_are_caught_in_every_spelling() {
        for text in [
            "let v = std::env::var(\"A\");",
            "use std::fs;",
            "use std::{collections::HashMap, fs::File};",
            "use std::{\n    collections::{HashMap, HashSet},\n    env,\n};",
            "let f = tokio::fs::read(p);",
        ] {
            assert_eq!(reasons("http", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn similar_names_comments_and_tests_pass() {
        for text in [
            "use std::envelope::x;",
            "use std::{collections::{env, fs}, fmt};",
            "// SystemTime::now() is banned\nlet a = \"Instant::now\";",
            "MyInstant::now(); Instant::nowhere();",
            "#[cfg(test)]\nmod tests { fn f() { std::fs::read(\"a\"); Instant::now(); } }",
        ] {
            assert_eq!(reasons("domain", text), Vec::<String>::new(), "{text}");
        }
        let in_test_file = check(
            "domain",
            "src/session/tests.rs",
            &Source::read("Instant::now()"),
        );
        assert_eq!(in_test_file, []);
    }

    #[test]
    fn rules_bind_only_their_rooms() {
        assert_eq!(
            reasons(
                "app",
                "std::env::var(\"A\"); Instant::now(); std::fs::read(p)"
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn sql_outside_the_store_is_caught() {
        for statement in [
            "SELECT id FROM users",
            "\n    UPDATE sessions\n    SET sequence = $1",
            "INSERT INTO users (id) VALUES ($1)",
            "delete from users where id = $1",
            "CREATE TABLE users (id BLOB)",
            "WITH dead AS (SELECT 1) DELETE FROM a",
            "PRAGMA synchronous=FULL",
        ] {
            let text = format!("query(r#\"{statement}\"#)");
            assert_eq!(reasons("http", &text).len(), 1, "{statement}");
            assert_eq!(reasons("store", &text), Vec::<String>::new());
        }
    }

    #[test]
    fn prose_is_no_sql() {
        for prose in [
            "Select a role",
            "Update your password",
            "Delete from this device",
            "with a key",
            "create an account",
            "",
        ] {
            assert_eq!(
                reasons("http", &format!("f(\"{prose}\")")),
                Vec::<String>::new(),
                "{prose}"
            );
        }
    }
}
