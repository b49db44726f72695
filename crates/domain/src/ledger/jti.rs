//! `jti` (RFC 7519 §4.1.7): the time in front, so that a ledger that is ordered by it is ordered by time, and randomness behind.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::Time;

/// 48 bits of milliseconds since 1970, then 80 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Jti([u8; 16]);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token id: expected 22 characters of base64url")]
pub struct MalformedJti;

/// One bit less than there is room for, in the year 6429: so the first half of an id is a positive number wherever numbers have signs.
const LATEST: i64 = (1 << 47) - 1;

impl Jti {
    pub fn new(now: Time, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        let millis = now.millis().clamp(0, LATEST).to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        bytes[6..].copy_from_slice(&random);
        Self(bytes)
    }

    /// Before every token that is issued at `time` or later, and after all others.
    pub fn first_at(time: Time) -> Self {
        Self::new(time, [0; 10])
    }

    pub fn issued_at(self) -> Time {
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&self.0[..6]);
        Time::from_millis(i64::from_be_bytes(millis))
    }

    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Jti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.0))
    }
}

impl FromStr for Jti {
    type Err = MalformedJti;

    fn from_str(text: &str) -> Result<Self, MalformedJti> {
        let bytes = base64_simd::URL_SAFE_NO_PAD
            .decode_to_vec(text)
            .map_err(|_| MalformedJti)?;
        bytes.try_into().map(Self).map_err(|_| MalformedJti)
    }
}

impl TryFrom<String> for Jti {
    type Error = MalformedJti;

    fn try_from(text: String) -> Result<Self, MalformedJti> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_the_order_of_issue() {
        let at = |millis, random| Jti::new(Time::from_millis(millis), [random; 10]);
        let mut ids = [at(256, 0), at(1, 255), at(2, 0), at(255, 7), at(0, 1)];
        ids.sort_unstable();
        let times = ids.map(|id| id.issued_at().millis());
        assert_eq!(times, [0, 1, 2, 255, 256]);
    }

    #[test]
    fn first_of_an_instant_is_a_bound() {
        let now = Time::from_millis(1_800_000_000_123);
        let bound = Jti::first_at(now);
        assert!(Jti::new(now - crate::Period::millis(1), [255; 10]) < bound);
        assert!(bound <= Jti::new(now, [0; 10]));
        assert_eq!(bound.issued_at(), now);
    }

    #[test]
    fn time_that_does_not_fit_is_bounded() {
        let issued = |millis| {
            Jti::first_at(Time::from_millis(millis))
                .issued_at()
                .millis()
        };
        assert_eq!((issued(-5), issued(i64::MAX)), (0, LATEST));
    }

    #[test]
    fn text_has_one_spelling() {
        let id = Jti::new(Time::from_millis(1_800_000_000_123), [0xfb; 10]);
        let text = id.to_string();
        assert_eq!(text.len(), 22);
        assert_eq!(text.parse(), Ok(id));
        // The last character carries four unused bits.
        let twin = format!("{}t", &text[..21]);
        for wrong in [
            "",
            &text[1..],
            &format!("{text}A"),
            &format!("{text}=="),
            &twin,
        ] {
            assert_eq!(wrong.parse::<Jti>(), Err(MalformedJti), "{wrong:?}");
        }
    }
}
