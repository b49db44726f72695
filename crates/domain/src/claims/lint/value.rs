//! One value under one hint: which detectors look at it, and which of them may decide.

use serde_json::Number;

use super::bank::{is_card, is_embossed_card, is_iban};
use super::digits::Digits;
use super::name::Hint;
use super::national::is_national_id;
use super::network::{Address, has_email, ip_address};
use super::person::{is_known_name, looks_like_name};
use super::phone::is_phone;
use super::place::{is_coordinates, is_street};
use super::secret::{is_random, is_uuid, of_form};
use super::{Evidence, Kind, Scope};

/// Longer texts are looked at up to here, except for secrets.
const LONGEST: usize = 512;

pub fn of_text(text: &str, hint: Hint, scope: Scope) -> Option<(Kind, Evidence)> {
    let by_name = |kind: Kind| (kind, Evidence::Name);
    if let Some(kind) = of_form(text) {
        return Some((kind, Evidence::Value));
    }
    let named = hint
        .kind
        .filter(|kind| (kind.is_secret() || scope == Scope::All) && can_be(*kind, text));
    if named.is_some() {
        return named.map(by_name);
    }
    if hint.maybe == Some(Kind::ApiKey) && !hint.thing && is_random(text) {
        return Some((Kind::ApiKey, Evidence::Value));
    }
    if scope == Scope::Secrets {
        return None;
    }
    let cut = text.floor_char_boundary(LONGEST);
    personal(text[..cut].trim(), hint).map(|kind| (kind, Evidence::Value))
}

pub fn of_number(number: &Number, hint: Hint, scope: Scope) -> Option<(Kind, Evidence)> {
    let named = hint
        .kind
        .filter(|kind| (kind.is_secret() || scope == Scope::All) && number_can_be(*kind, number));
    if named.is_some() || scope == Scope::Secrets || hint.thing {
        return named.map(|kind| (kind, Evidence::Name));
    }
    let mut spelled = [0; 20];
    let mut left = number.as_u64()?;
    let mut at = spelled.len();
    while left > 0 {
        at -= 1;
        spelled[at] = (left % 10) as u8;
        left /= 10;
    }
    // Longer numbers are as a rule identifiers that count time.
    let digits = &spelled[at..];
    (matches!(digits.len(), 15 | 16) && is_card(digits))
        .then_some((Kind::PaymentCard, Evidence::Value))
}

/// What a text looks like. The first byte classes say which detectors can apply at all.
fn personal(text: &str, hint: Hint) -> Option<Kind> {
    let seen = Seen::of(text);
    if seen.at && has_email(text) {
        return Some(Kind::Email);
    }
    if seen.digits >= 4 {
        let found = numbered(text, hint, &seen);
        if found.is_some() {
            return found;
        }
    }
    if hint.thing || is_uuid(text) {
        return None;
    }
    if seen.digits >= 1 && seen.space && is_street(text) {
        return Some(Kind::PostalAddress);
    }
    let name = match hint.maybe {
        Some(Kind::PersonName) => looks_like_name(text),
        _ => seen.space && seen.digits == 0 && is_known_name(text),
    };
    name.then_some(Kind::PersonName)
}

/// What a text with digits looks like; where chance has a part, the claim must not speak of a thing.
fn numbered(text: &str, hint: Hint, seen: &Seen) -> Option<Kind> {
    if seen.letters >= 2 && is_iban(text) {
        return Some(Kind::BankAccount);
    }
    if (seen.dots >= 3 || seen.colons >= 2)
        && let Some(address) = ip_address(text)
    {
        return (address == Address::Ipv6 || !hint.thing).then_some(Kind::IpAddress);
    }
    if seen.dots == 2 && !hint.thing && is_coordinates(text) {
        return Some(Kind::Location);
    }
    let digits = Digits::of(text);
    if let Some(digits) = digits.filter(|digits| digits.as_slice().len() >= 13) {
        let card = if hint.thing {
            is_embossed_card(text, &digits) && digits.grouped
        } else {
            is_card(digits.as_slice())
        };
        if card {
            return Some(Kind::PaymentCard);
        }
    }
    if !hint.thing && is_phone(text) {
        return Some(Kind::Phone);
    }
    (!hint.thing && is_national_id(text)).then_some(Kind::NationalId)
}

/// What stands in a text, counted in one pass.
#[derive(Default)]
struct Seen {
    at: bool,
    space: bool,
    digits: usize,
    letters: usize,
    dots: usize,
    colons: usize,
}

impl Seen {
    fn of(text: &str) -> Self {
        let mut seen = Self::default();
        for byte in text.bytes() {
            match byte {
                b'@' => seen.at = true,
                b' ' | b'\n' => seen.space = true,
                b'0'..=b'9' => seen.digits += 1,
                b'A'..=b'Z' => seen.letters += 1,
                b'.' => seen.dots += 1,
                b':' => seen.colons += 1,
                _ => {}
            }
        }
        seen
    }
}

/// Words that stand for a choice, not for data.
const CHOICES: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "none",
    "null",
    "n/a",
    "unknown",
    "any",
    "all",
    "required",
    "optional",
    "enabled",
    "disabled",
    "hidden",
    "redacted",
    "verified",
    "unverified",
    "default",
    "primary",
    "present",
    "absent",
    "expired",
    "active",
    "inactive",
];

/// Whether `text` can be what the claim's name says.
fn can_be(kind: Kind, text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = || text.chars().any(char::is_alphabetic);
    let masked = text.contains("**") || text.contains("••");
    if text.is_empty()
        || masked
        || CHOICES
            .iter()
            .any(|choice| choice.eq_ignore_ascii_case(text))
    {
        return false;
    }
    match kind {
        Kind::Email => text.contains('@') || text.contains("(at)") || text.contains(" at "),
        Kind::Phone => digits >= 6 && !is_uuid(text),
        Kind::PersonName => letters() && digits == 0 && !text.contains("://"),
        Kind::Username => letters() && text.len() >= 2 && !is_uuid(text) && !text.contains(':'),
        Kind::PostalAddress => {
            let written = text.contains([' ', '\n', ',']) || !text.is_ascii() || digits >= 4;
            written && !text.contains("://") && text.len() < 300 && !text.starts_with("0x")
        }
        Kind::BirthDate => digits >= 4,
        Kind::PaymentCard => digits >= 12 || (3..=4).contains(&text.len()) && digits == text.len(),
        Kind::BankAccount => digits >= 6 && !is_uuid(text),
        Kind::NationalId => digits >= 4 && text.len() <= 30 && !is_uuid(text),
        Kind::IpAddress => ip_address(text).is_some(),
        Kind::Location => digits >= 3 && text.contains(['.', ',', '°']),
        Kind::Sensitive => text.len() <= 80,
        Kind::Password => text.len() >= 3,
        Kind::PasswordHash | Kind::PrivateKey => text.len() >= 16,
        Kind::ApiKey | Kind::Token => text.len() >= 6 && !text.contains(' '),
    }
}

fn number_can_be(kind: Kind, number: &Number) -> bool {
    let whole = number.as_i64().unwrap_or_default().unsigned_abs();
    match kind {
        Kind::Phone | Kind::BankAccount => whole >= 1_000_000,
        Kind::NationalId => whole >= 100_000,
        Kind::PaymentCard => whole >= 100_000_000_000,
        Kind::BirthDate => (1_900..2_030).contains(&whole) || whole >= 1_000_000,
        Kind::Password => (1_000..100_000_000).contains(&whole),
        Kind::PostalAddress | Kind::Sensitive => whole >= 1_000,
        Kind::Location => true,
        Kind::Email
        | Kind::PersonName
        | Kind::Username
        | Kind::IpAddress
        | Kind::PasswordHash
        | Kind::PrivateKey
        | Kind::ApiKey
        | Kind::Token => false,
    }
}
