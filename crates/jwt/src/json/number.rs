use super::{JsonError, Reader};

/// The largest magnitude that every JSON implementation holds exactly (RFC 8259 §6).
const MAX_SAFE_INTEGER: i64 = 1 << 53;

/// More digits than any safe integer has.
const MAX_DIGITS: usize = 16;

/// So few digits are always a safe integer.
const PLAIN_DIGITS: usize = 15;

impl<'a> Reader<'a> {
    /// Reads a number that is an integer of at most ±2^53: what every reader of the token holds exactly.
    pub fn integer(&mut self) -> Result<i64, JsonError> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.unexpected());
        }
        let rest = &self.text.as_bytes()[self.at..];
        let (mut value, mut len) = (0, 0);
        while let Some(digit @ b'0'..=b'9') = rest.get(len)
            && len < PLAIN_DIGITS
        {
            value = value * 10 + i64::from(digit - b'0');
            len += 1;
        }
        // Every time of this century passes here: no sign, no leading zero, and the number ends.
        let ends = matches!(rest.get(len), Some(b',' | b'}'));
        if ends && len > 0 && rest[0] != b'0' {
            self.at += len;
            return Ok(value);
        }
        self.any_integer()
    }

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
