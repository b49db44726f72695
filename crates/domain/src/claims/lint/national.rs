//! National identity and tax numbers, by their shape and check digits.

use super::digits::{Digits, luhn, number, verhoeff, weighted};

/// Whether hardly any other number looks like `text`. Numbers that every tenth number of their length would pass for (the
/// Dutch BSN, the German tax number, an ungrouped CPF or Aadhaar) are left to the claim's name.
pub fn is_national_id(text: &str) -> bool {
    if text.len() > 21 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let spelled = |digits: Digits| {
        let digits = digits.as_slice();
        is_written_as_identity(text, digits) || is_dated(digits)
    };
    is_lettered(text.as_bytes()) || Digits::of(text).is_some_and(spelled)
}

/// Numbers that people write in groups of their own.
fn is_written_as_identity(text: &str, digits: &[u8]) -> bool {
    let shape = |pattern: &str| {
        text.len() == pattern.len()
            && text
                .bytes()
                .zip(pattern.bytes())
                .all(|(byte, wanted)| match wanted {
                    b'9' => byte.is_ascii_digit(),
                    sign => byte == sign,
                })
    };
    (shape("999-99-9999") && is_ssn(digits))
        || (shape("999.999.999-99") && is_cpf(digits))
        || (shape("9999 9999 9999") && is_aadhaar(digits))
        || ((shape("999999-9999") || shape("99999999-9999")) && is_personnummer(digits))
        || (shape("756.9999.9999.99") && is_ean(digits))
}

/// Ranges that were never issued (SSA): area 000, 666 and 900 upwards, group 00, serial 0000.
fn is_ssn(digits: &[u8]) -> bool {
    let area = number(&digits[..3]);
    area != 0
        && area != 666
        && area < 900
        && number(&digits[3..5]) != 0
        && number(&digits[5..]) != 0
}

/// Those whose length, date and check digits leave little to chance.
fn is_dated(digits: &[u8]) -> bool {
    match digits.len() {
        15 => is_nir(digits),
        12 => is_personnummer(digits) && matches!(number(&digits[..2]), 19 | 20),
        11 => is_pesel(digits),
        18 => is_resident_id(digits, digits[17]),
        _ => false,
    }
}

/// Sweden: year, month, day (plus 60 in a co-ordination number), three more, Luhn over ten digits.
fn is_personnummer(digits: &[u8]) -> bool {
    let ten = digits.get(digits.len() - 10..).unwrap_or_default();
    let day = number(&ten[4..6]) % 60;
    is_day(number(&ten[2..4]), day) && luhn(ten)
}

/// France: sex, year, month, department, commune, order, and 97 less the rest.
fn is_nir(digits: &[u8]) -> bool {
    let month = number(&digits[3..5]);
    let sex = matches!(digits[0], 1 | 2 | 3 | 4 | 7 | 8);
    sex && ((1..=12).contains(&month) || (20..=99).contains(&month))
        && 97 - number(&digits[..13]) % 97 == number(&digits[13..])
}

/// Poland: the century is in the month.
fn is_pesel(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    is_day(number(&digits[2..4]) % 20, number(&digits[4..6])) && sum.is_multiple_of(10)
}

/// China: region, date, order, and ISO 7064 mod 11-2, whose tenth rest is written X.
fn is_resident_id(digits: &[u8], check: u8) -> bool {
    let sum = weighted(
        &digits[..17],
        &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    );
    let date = is_day(number(&digits[10..12]), number(&digits[12..14]));
    date && matches!(number(&digits[6..8]), 19 | 20) && (12 - sum % 11) % 11 == u32::from(check)
}

fn is_cpf(digits: &[u8]) -> bool {
    let check = |count: usize| {
        let weights: [u32; 10] = std::array::from_fn(|at| (count + 1).saturating_sub(at) as u32);
        let rest = weighted(&digits[..count], &weights) * 10 % 11;
        rest % 10 == u32::from(digits[count])
    };
    digits.len() == 11 && digits.iter().any(|digit| *digit != digits[0]) && check(9) && check(10)
}

fn is_aadhaar(digits: &[u8]) -> bool {
    digits.len() == 12 && digits[0] > 1 && verhoeff(digits)
}

/// Switzerland's AHV number is an EAN-13 of the country code 756.
fn is_ean(digits: &[u8]) -> bool {
    digits.len() == 13
        && weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

fn is_day(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Numbers with letters: the letters are part of the check, or stand where few other codes have them.
fn is_lettered(text: &[u8]) -> bool {
    match text.len() {
        9 => is_spanish(text) || is_nino(text),
        11 => is_finnish(text),
        13 if text[2] == b' ' => is_nino_in_pairs(text),
        16 => is_italian(text),
        18 => ends_in_x(text) || is_mexican(text),
        _ => false,
    }
}

fn digits_of<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digits: [u8; N] = text.try_into().ok()?;
    digits
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| digits.map(|byte| byte - b'0'))
}

/// Spain: eight digits (a foreigner's first is X, Y or Z) and the letter of the rest by 23.
fn is_spanish(text: &[u8]) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let mut body: [u8; 8] = std::array::from_fn(|at| text[at]);
    body[0] = match body[0] {
        b'X' => b'0',
        b'Y' => b'1',
        b'Z' => b'2',
        other => other,
    };
    digits_of::<8>(&body).is_some_and(|digits| LETTERS[(number(&digits) % 23) as usize] == text[8])
}

/// United Kingdom: two letters of those in use, six digits, a letter from A to D.
fn is_nino(text: &[u8]) -> bool {
    let prefix = |byte: u8| byte.is_ascii_uppercase() && !b"DFIQUV".contains(&byte);
    prefix(text[0])
        && prefix(text[1])
        && text[1] != b'O'
        && digits_of::<6>(&text[2..8]).is_some()
        && (b'A'..=b'D').contains(&text[8])
}

fn is_nino_in_pairs(text: &[u8]) -> bool {
    let mut plain = [0; 9];
    let mut bytes = text.iter().filter(|byte| **byte != b' ');
    plain
        .iter_mut()
        .for_each(|slot| *slot = bytes.next().copied().unwrap_or(b' '));
    bytes.next().is_none() && is_nino(&plain)
}

/// Finland: date, a sign for the century, three digits, and a letter of the rest by 31.
fn is_finnish(text: &[u8]) -> bool {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(date), Some(order)) = (digits_of::<6>(&text[..6]), digits_of::<3>(&text[7..10]))
    else {
        return false;
    };
    b"+-ABCDEFUVWXY".contains(&text[6])
        && is_day(number(&date[2..4]), number(&date[..2]))
        && LETTERS[((number(&date) * 1_000 + number(&order)) % 31) as usize] == text[10]
}

/// Italy: letters of the names, year, a letter for the month, day, the place, and a check letter. Digits of a person who
/// shares all of it with another are replaced by letters, so the pattern is kept to the letters and the check.
fn is_italian(text: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let value = |byte: u8| {
        if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte.wrapping_sub(b'A')
        }
    };
    let shaped = text[..6].iter().all(u8::is_ascii_uppercase)
        && b"ABCDEHLMPRST".contains(&text[8])
        && text[11].is_ascii_uppercase()
        && text
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    shaped && {
        let sum: u32 = (0..)
            .zip(&text[..15])
            .map(|(at, byte): (usize, _)| {
                if at % 2 == 0 {
                    ODD[usize::from(value(*byte))]
                } else {
                    u32::from(value(*byte))
                }
            })
            .sum();
        sum % 26 == u32::from(value(text[15]))
    }
}

/// Mexico's CURP: four letters, a date, sex, state, consonants.
fn is_mexican(text: &[u8]) -> bool {
    let date = digits_of::<6>(&text[4..10]);
    text[..4].iter().all(u8::is_ascii_uppercase)
        && date.is_some_and(|date| is_day(number(&date[2..4]), number(&date[4..])))
        && matches!(text[10], b'H' | b'M')
        && text[11..16].iter().all(u8::is_ascii_uppercase)
}

fn ends_in_x(text: &[u8]) -> bool {
    matches!(text[17], b'X' | b'x')
        && digits_of::<17>(&text[..17]).is_some_and(|digits| {
            let mut all = [0; 18];
            all[..17].copy_from_slice(&digits);
            is_resident_id(&all, 10)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_known() {
        for text in [
            "078-05-1120",
            "QQ123456C".replace('Q', "A").as_str(),
            "12345678Z",
            "X1234567L",
            "131052-308T",
            "RSSMRA85T10A562S",
            "44051401359",
            "811228-9874",
            "111.444.777-35",
            "2341 2341 2346",
            "11010519491231002X",
            "756.9217.0769.85",
            "255081416802538",
        ] {
            assert!(is_national_id(text), "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_or_an_impossible_date_is_no_number() {
        for text in [
            "000-05-1120",
            "666-05-1120",
            "12345678A",
            "X1234567A",
            "131052-308U",
            "RSSMRA85T10A562T",
            "44051401358",
            "811228-9873",
            "111.444.777-36",
            "110105194912310021",
            "44153401359",
            "",
            "-",
            "1.2.3.4",
            "2024-11-30",
        ] {
            assert!(!is_national_id(text), "{text}");
        }
    }
}
