//! Numbers and their check digits.

/// The digits of a text that is nothing but digits and their separators.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    digits: [u8; Digits::MOST],
    count: usize,
    /// Whether they are written in groups, as people write numbers that matter to them.
    pub grouped: bool,
}

impl Digits {
    const MOST: usize = 20;

    pub fn of(text: &str) -> Option<Self> {
        let mut found = Self {
            digits: [0; Self::MOST],
            count: 0,
            grouped: false,
        };
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    *found.digits.get_mut(found.count)? = byte - b'0';
                    found.count += 1;
                }
                b' ' | b'-' | b'.' | b'/' => found.grouped = true,
                _ => return None,
            }
        }
        (found.count > 0).then_some(found)
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.digits[..self.count]
    }
}

/// The number that `digits` spell, at most 19 of them.
pub fn number(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u64::from(*digit))
}

/// The sum of each digit times its weight.
pub fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum()
}

/// ISO/IEC 7812: payment cards, personnummer.
pub fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = (0..)
        .zip(digits.iter().rev())
        .map(|(at, digit): (usize, _)| {
            u32::from(if at % 2 == 1 { doubled(*digit) } else { *digit })
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The dihedral group D5, by which Aadhaar numbers are checked.
pub fn verhoeff(digits: &[u8]) -> bool {
    const TIMES: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const MOVED: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let check = (0..)
        .zip(digits.iter().rev())
        .fold(0, |sum, (at, digit): (usize, _)| {
            TIMES[usize::from(sum)][usize::from(MOVED[at % 8][usize::from(*digit)])]
        });
    check == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        Digits::of(text).unwrap().as_slice().to_vec()
    }

    #[test]
    fn check_digits_find_a_changed_digit() {
        for (check, valid) in [
            (luhn as fn(&[u8]) -> bool, "4111 1111 1111 1111"),
            (luhn, "79927398713"),
            (verhoeff, "2341 2341 2346"),
        ] {
            let valid = digits(valid);
            assert!(check(&valid), "{valid:?}");
            for at in 0..valid.len() {
                let mut changed = valid.clone();
                changed[at] = (changed[at] + 1) % 10;
                assert!(!check(&changed), "{changed:?}");
            }
        }
    }

    #[test]
    fn only_digits_and_separators_are_a_number() {
        assert_eq!(digits("12-34.5/6 7"), [1, 2, 3, 4, 5, 6, 7]);
        for text in ["", "--", "12a", "1,5", "+12", &"1".repeat(21)] {
            assert!(Digits::of(text).is_none(), "{text}");
        }
    }
}
