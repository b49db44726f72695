//! The texts of a profile: each of a kind, bounded, and checked when it is read.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct MalformedProfile(&'static str);

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $is:ident, $expected:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = MalformedProfile;

            fn try_from(text: String) -> Result<Self, MalformedProfile> {
                if $is(&text) { Ok(Self(text)) } else { Err(MalformedProfile($expected)) }
            }
        }
    )+};
}

texts! {
    Line: is_line, "1 to 255 characters on one line";
    /// A few lines.
    Sheet: is_sheet, "1 to 1000 characters";
    WebPage: is_web_page, "an http or https address of at most 1000 characters";
    /// `YYYY-MM-DD`; `0000-MM-DD` or `YYYY` for who tells less.
    Birthdate: is_birthdate, "a date as YYYY-MM-DD, 0000-MM-DD or YYYY";
    ZoneInfo: is_zone, "a time zone such as Europe/Berlin";
    Locale: is_locale, "a language tag such as de-AT (BCP 47)";
    PhoneNumber: is_phone_number, "a telephone number such as +49 30 123456, or +1 604 555 1234;ext=5678";
}

fn is_line(text: &str) -> bool {
    (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn is_sheet(text: &str) -> bool {
    let is_foreign = |c: char| c.is_control() && c != '\n' && c != '\r';
    (1..=1_000).contains(&text.chars().count()) && !text.chars().any(is_foreign)
}

/// A client shows it as a link, so nothing that a browser would run.
fn is_web_page(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`');
    text.len() <= 1_000
        && text.bytes().all(plain)
        && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

fn is_birthdate(text: &str) -> bool {
    let is_year = |year: &str| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-') {
        None => is_year(text) && text != "0000",
        // A leap year, for who tells no year may be born on 29 February.
        Some(("0000", day)) => is_date(&format!("2000-{day}")),
        Some((year, _)) => is_year(year) && is_date(text),
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_zone(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+');
    let part = |part: &str| !part.is_empty() && part.bytes().all(plain);
    text.len() <= 64 && text.split('/').all(part)
}

fn is_locale(text: &str) -> bool {
    // OpenID Connect Core §5.1 knows the underscore as well.
    let mut tags = text.split(['-', '_']);
    let is_language =
        |tag: &str| (2..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag =
        |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 35 && tags.next().is_some_and(is_language) && tags.all(is_subtag)
}

/// E.164 as people write it, with an extension as RFC 3966 has it.
fn is_phone_number(text: &str) -> bool {
    let (number, extension) = match text.split_once(";ext=") {
        None => (text, "0"),
        Some((number, extension)) => (number, extension),
    };
    let Some(rest) = number.strip_prefix('+') else {
        return false;
    };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'(' | b')');
    (4..=15).contains(&digits)
        && rest.len() <= 40
        && rest.bytes().all(plain)
        && (1..=15).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_text_is_checked() {
        type Check = fn(&str) -> bool;
        let rules: [(Check, &[&str], &[&str]); 7] = [
            (is_line, &["Ann", "李 小龍"], &["", "a\nb", "a\u{0}"]),
            (is_sheet, &["Street 1\r\nTown"], &["", "a\u{7}"]),
            (
                is_web_page,
                &["https://ann.example", "http://ann.example/me?x=1#y"],
                &[
                    "",
                    "javascript:alert(1)",
                    "https://",
                    "https:///x",
                    "ftp://x",
                    "https://a b",
                    "data:x",
                ],
            ),
            (
                is_birthdate,
                &["1990-02-28", "0000-02-29", "1990"],
                &[
                    "",
                    "0000",
                    "1990-02-30",
                    "90-01-01",
                    "1990-1-1",
                    "1990-01-01T00:00",
                    "-1990",
                ],
            ),
            (
                is_zone,
                &["Europe/Berlin", "UTC", "America/Port-au-Prince"],
                &["", "/", "a/", "../etc", "a b"],
            ),
            (
                is_locale,
                &["de", "de-AT", "en_US", "zh-Hant-TW"],
                &["", "d", "de-", "de AT", "12"],
            ),
            (
                is_phone_number,
                &[
                    "+49 30 123456",
                    "+1 (604) 555-1234;ext=5678",
                    "+15551234567",
                ],
                &[
                    "",
                    "030 123456",
                    "+",
                    "+1;ext=",
                    "+1 604 555 1234;ext=x",
                    "+1234567890123456",
                ],
            ),
        ];
        for (is, good, bad) in rules {
            for text in good {
                assert!(is(text), "{text:?}");
            }
            for text in bad {
                assert!(!is(text), "{text:?}");
            }
        }
    }
}
