use super::{JsonError, Reader};

/// The largest magnitude that every JSON implementation holds exactly (RFC 8259 §6).
const MAX_SAFE_INTEGER: i64 = 1 << 53;

/// More digits than any safe integer has.
const MAX_DIGITS: usize = 16;

/// So few digits are always a safe integer.
const PLAIN_DIGITS: usize = 15;

impl<'a> Reader<'a> {
    /// Reads a number that is an integer of at most ±2^53: what every reader of the token holds exactly.
    #[inline]
    pub fn integer(&mut self) -> Result<i64, JsonError> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.unexpected());
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let (mut value, mut len) = rest.first_chunk().and_then(eight_digits).unwrap_or((0, 0));
        for byte in rest.iter().skip(len).take(PLAIN_DIGITS - len) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value * 10 + i64::from(digit);
            len += 1;
        }
        // Every time of this century passes here: no sign, no leading zero, and the number ends.
        if matches!(rest.get(len), Some(b',' | b'}')) && matches!(rest.first(), Some(b'1'..=b'9')) {
            self.at += len;
            return Ok(value);
        }
        self.any_integer()
    }

    #[cold]
    fn any_integer(&mut self) -> Result<i64, JsonError> {
        let at = self.at;
        let number = self.number()?;
        let (negative, digits) = match number.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, number),
        };
        let magnitude = safe_integer(digits).ok_or(JsonError::NumberRange { at })?;
        // Minus zero is a zero to some readers and a float to others.
        match (negative, magnitude) {
            (true, 0) => Err(JsonError::NumberRange { at }),
            (true, magnitude) => Ok(-magnitude),
            (false, magnitude) => Ok(magnitude),
        }
    }

    /// Reads a number by the grammar of RFC 8259 §6 and hands out its text.
    pub(super) fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        self.accept(|byte| byte == b'-');
        if !self.accept(|byte| byte == b'0') {
            self.digits()?;
        }
        let mut is_integer = true;
        if self.accept(|byte| byte == b'.') {
            is_integer = false;
            self.digits()?;
        }
        if self.accept(|byte| byte == b'e' || byte == b'E') {
            is_integer = false;
            self.accept(|byte| byte == b'+' || byte == b'-');
            self.digits()?;
        }
        let number = &self.text[start..self.at];
        // 1e400 is infinity to some readers and an error to others.
        if !is_integer && !number.parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(JsonError::NumberRange { at: start });
        }
        Ok(number)
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 {
            Err(self.syntax())
        } else {
            Ok(())
        }
    }

    #[inline]
    fn accept(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let accepted = self
            .text
            .as_bytes()
            .get(self.at)
            .is_some_and(|byte| wanted(*byte));
        self.at += usize::from(accepted);
        accepted
    }
}

/// The value of eight digits, and how many they are: each step joins neighbours, two, four and eight at a time.
#[inline]
fn eight_digits(bytes: &[u8; 8]) -> Option<(i64, usize)> {
    let digits = u64::from_le_bytes(*bytes) ^ 0x3030_3030_3030_3030;
    // Six more than nine reaches the upper half of its byte, and so does a byte that was there before.
    if (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 != 0 {
        return None;
    }
    let twos = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = twos.wrapping_mul(100).wrapping_add(twos >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    Some((eight as i64, 8))
}

/// The value of up to sixteen digits; nothing else is one.
fn safe_integer(digits: &str) -> Option<i64> {
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let value = digits.bytes().try_fold(0, |value, digit| match digit {
        b'0'..=b'9' => Some(value * 10 + i64::from(digit - b'0')),
        _ => None,
    })?;
    (value <= MAX_SAFE_INTEGER).then_some(value)
}
