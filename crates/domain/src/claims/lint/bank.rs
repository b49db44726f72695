//! Payment cards and bank accounts.

use super::digits::{Digits, luhn, number};

/// A number of a known issuer with the right length and check digit. One order number in some sixty passes as well,
/// so the claim's name has its say.
pub fn is_card(digits: &[u8]) -> bool {
    let begins = |count: usize| number(digits.get(..count).unwrap_or_default());
    let length = digits.len();
    let issued = match begins(4) {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        5100..=5599 | 2221..=2720 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        3528..=3589 => (16..=19).contains(&length),
        6011 | 6440..=6599 | 6200..=6299 => (16..=19).contains(&length),
        3000..=3059 | 3600..=3699 | 3800..=3999 => length == 14,
        _ => false,
    };
    issued && luhn(digits)
}

/// As cards are embossed: groups of four, or 4-6-5.
pub fn is_embossed_card(text: &str, digits: &Digits) -> bool {
    let groups = text.split([' ', '-']).map(str::len);
    let fours = groups.clone().all(|group| group == 4);
    (fours || groups.eq([4, 6, 5])) && is_card(digits.as_slice())
}

/// ISO 13616: two letters, two check digits, up to thirty more; the whole is 1 modulo 97.
pub fn is_iban(text: &str) -> bool {
    let [a, b, ..] = text.as_bytes() else {
        return false;
    };
    if !a.is_ascii_uppercase() || !b.is_ascii_uppercase() || !(15..=42).contains(&text.len()) {
        return false;
    }
    let plain = || text.bytes().filter(|byte| *byte != b' ');
    let count = plain().count();
    if !(15..=34).contains(&count)
        || !plain().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return false;
    }
    let rest = plain()
        .skip(4)
        .chain(plain().take(4))
        .fold(0, |rest: u32, byte| {
            if byte.is_ascii_digit() {
                (rest * 10 + u32::from(byte - b'0')) % 97
            } else {
                (rest * 100 + u32::from(byte - b'A') + 10) % 97
            }
        });
    plain().skip(2).take(2).all(|byte| byte.is_ascii_digit()) && rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_known_by_issuer_length_and_check_digit() {
        for (text, card) in [
            ("4111111111111111", true),
            ("378282246310005", true),
            ("5555555555554444", true),
            ("6011111111111117", true),
            ("4111111111111112", false),
            ("9111111111111111", false),
            ("79927398713", false),
        ] {
            assert_eq!(
                is_card(Digits::of(text).unwrap().as_slice()),
                card,
                "{text}"
            );
        }
    }

    #[test]
    fn ibans_are_checked() {
        for (text, iban) in [
            ("DE89370400440532013000", true),
            ("GB29 NWBK 6016 1331 9268 19", true),
            ("DE88370400440532013000", false),
            ("SN123456789012345", false),
            ("de89370400440532013000", false),
        ] {
            assert_eq!(is_iban(text), iban, "{text}");
        }
    }
}
