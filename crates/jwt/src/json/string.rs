use super::{JsonError, StringToken};

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Finds the closing quote of a string whose content begins at `start`.
pub(super) fn scan(bytes: &[u8], start: usize) -> Result<StringToken, JsonError> {
    let mut at = start;
    let mut escaped = false;
    loop {
        at += plain_run(&bytes[at..]);
        match bytes.get(at) {
            Some(b'"') => {
                return Ok(StringToken {
                    start,
                    end: at,
                    escaped,
                });
            }
            Some(b'\\') => {
                escaped = true;
                // The escaped byte may be a quote; whether the escape is a valid one is decided by `unescape`.
                at += 2;
                if at > bytes.len() {
                    return Err(JsonError::Syntax { at: bytes.len() });
                }
            }
            // RFC 8259 §7: control characters stand escaped or not at all.
            Some(_) | None => return Err(JsonError::Syntax { at }),
        }
    }
}

/// How many leading bytes are neither a quote, a backslash, nor a control character; eight at a time.
fn plain_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    for chunk in bytes.chunks_exact(8) {
        let word = u64::from_le_bytes([
            chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7],
        ]);
        let special = zero_bytes(word ^ (LOW_BITS * u64::from(b'"')))
            | zero_bytes(word ^ (LOW_BITS * u64::from(b'\\')))
            | (word.wrapping_sub(LOW_BITS * 0x20) & !word & HIGH_BITS);
        if special != 0 {
            // The lowest set bit is exact; false positives of the subtraction lie above a true one only.
            return run + special.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    let is_plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
    run + bytes[run..].iter().take_while(is_plain).count()
}

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
