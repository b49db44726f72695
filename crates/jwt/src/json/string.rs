use super::{JsonError, StringToken};

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Finds the closing quote of a string whose content begins at `start`. Control characters are the caller's to refuse.
#[inline]
pub(super) fn scan(bytes: &[u8], start: usize) -> Result<StringToken, JsonError> {
    let mut at = start;
    let mut escaped = false;
    loop {
        at = skip_plain(bytes, at);
        match bytes.get(at) {
            Some(b'"') => {
                return Ok(StringToken {
                    start: start as u32,
                    end: at as u32,
                    escaped,
                });
            }
            Some(_) => escaped = true,
            None => return Err(JsonError::Syntax { at: bytes.len() }),
        }
        // The escaped byte may be a quote; whether the escape is a valid one is decided by `unescape`.
        at += 2;
    }
}

/// The first quote or backslash at or behind `at`, eight bytes at a time: strings in claims are short, so this beats a
/// vector search that has to be called.
#[inline]
fn skip_plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let special = zero_bytes(word ^ (LOW_BITS * b'"' as u64))
            | zero_bytes(word ^ (LOW_BITS * b'\\' as u64));
        if special != 0 {
            // The lowest set bit is exact: a subtraction borrows only above a byte that was special itself.
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| **byte != b'"' && **byte != b'\\')
        .count()
}

#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS
}

/// Resolves the escapes of a string's content. `at` is where it stands, for the error.
pub(super) fn unescape(raw: &str, at: usize) -> Result<String, JsonError> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(escape) = rest.find('\\') {
        text.push_str(&rest[..escape]);
        let (symbol, after) =
            read_escape(&rest[escape + 1..]).map_err(|problem| match problem {
                BadEscape::Malformed => JsonError::Syntax { at },
                BadEscape::Surrogate => JsonError::LoneSurrogate,
            })?;
        text.push(symbol);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

enum BadEscape {
    Malformed,
    Surrogate,
}

fn read_escape(escape: &str) -> Result<(char, &str), BadEscape> {
    let kind = escape.bytes().next().ok_or(BadEscape::Malformed)?;
    let symbol = match kind {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return read_unicode(&escape[1..]),
        _ => return Err(BadEscape::Malformed),
    };
    Ok((symbol, &escape[1..]))
}

fn read_unicode(digits: &str) -> Result<(char, &str), BadEscape> {
    let (first, rest) = read_unit(digits)?;
    let code = match first {
        0xD800..=0xDBFF => {
            let low = rest.strip_prefix("\\u").ok_or(BadEscape::Surrogate)?;
            let (second, rest) = read_unit(low)?;
            if !(0xDC00..=0xDFFF).contains(&second) {
                return Err(BadEscape::Surrogate);
            }
            let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return char::from_u32(code)
                .map(|symbol| (symbol, rest))
                .ok_or(BadEscape::Surrogate);
        }
        code => code,
    };
    // A low half without its high half is the one code left that is no character.
    char::from_u32(code)
        .map(|symbol| (symbol, rest))
        .ok_or(BadEscape::Surrogate)
}

fn read_unit(digits: &str) -> Result<(u32, &str), BadEscape> {
    let unit = digits
        .get(..4)
        .filter(|unit| unit.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let unit = unit.ok_or(BadEscape::Malformed)?;
    let code = u32::from_str_radix(unit, 16).map_err(|_| BadEscape::Malformed)?;
    Ok((code, &digits[4..]))
}
