use super::JsonError;

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
