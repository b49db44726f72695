//! The code that a person reads from one screen and types into another (RFC 8628 §6.1): eight letters without vowels, which spell no words,
//! and without any that look alike. 20^8 of them; a guess counts as a failure of its network, and a code lives for minutes.

use std::fmt;
use std::str::FromStr;

use crate::keys::MacKey;
use crate::ports::{Entropy, random};

const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS: usize = 8;

#[derive(Clone, PartialEq, Eq)]
pub struct UserCode([u8; LETTERS]);

/// A code at rest: keyed, because somebody who read the database could try all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserCodeId(pub [u8; 16]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code is eight letters, such as WDJB-MJHT")]
pub struct MalformedUserCode;

impl UserCode {
    pub(super) fn draw(entropy: &dyn Entropy) -> Self {
        let mut letters = Vec::with_capacity(LETTERS);
        while letters.len() < LETTERS {
            // 240 is the last multiple of 20 below 256: what is beyond would make some letters likelier than others.
            let drawn = random::<16>(entropy).into_iter().filter(|byte| *byte < 240);
            letters.extend(drawn.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]));
        }
        let mut code = [0; LETTERS];
        code.copy_from_slice(&letters[..LETTERS]);
        Self(code)
    }

    pub(super) fn id(&self, key: &MacKey) -> UserCodeId {
        let tag = key.mac(&[b"user-code", &self.0]);
        let mut id = [0; 16];
        id.copy_from_slice(&tag[..16]);
        UserCodeId(id)
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, other) = self.0.split_at(LETTERS / 2);
        let text = |half: &[u8]| String::from_utf8_lossy(half).into_owned();
        write!(f, "{}-{}", text(one), text(other))
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

impl FromStr for UserCode {
    type Err = MalformedUserCode;

    /// In any case, with or without hyphens and spaces: people type.
    fn from_str(text: &str) -> Result<Self, MalformedUserCode> {
        let letters: Vec<u8> = text
            .bytes()
            .filter(|byte| !matches!(byte, b'-' | b' '))
            .map(|byte| byte.to_ascii_uppercase())
            .collect();
        let code = letters.try_into().map_err(|_| MalformedUserCode)?;
        let code = Self(code);
        code.0
            .iter()
            .all(|letter| ALPHABET.contains(letter))
            .then_some(code)
            .ok_or(MalformedUserCode)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Counts upwards, through all bytes.
    #[derive(Default)]
    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn every_letter_is_drawn_as_often_as_any_other() {
        let entropy = Counting::default();
        let mut counts = std::collections::BTreeMap::<char, u32>::new();
        // 16 bytes for one code: twenty rounds through all bytes.
        for _ in 0..320 {
            for letter in UserCode::draw(&entropy)
                .to_string()
                .chars()
                .filter(|c| *c != '-')
            {
                *counts.entry(letter).or_default() += 1;
            }
        }
        assert!(
            counts.keys().copied().eq("BCDFGHJKLMNPQRSTVWXZ".chars()),
            "{counts:?}"
        );
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code: UserCode = "WDJB-MJHT".parse().unwrap();
        for typed in ["wdjbmjht", "WDJB MJHT", " wdjb-mjht ", "W-D-J-B-M-J-H-T"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
        for wrong in [
            "",
            "WDJB-MJH",
            "WDJB-MJHTT",
            "WDJA-MJHT",
            "WDJ0-MJHT",
            "ẂDJB-MJHT",
            "WDJB_MJHT",
        ] {
            assert_eq!(wrong.parse::<UserCode>(), Err(MalformedUserCode), "{wrong}");
        }
        assert_eq!(code.to_string(), "WDJB-MJHT");
        assert_eq!(format!("{code:?}"), "UserCode(…)");
    }
}
