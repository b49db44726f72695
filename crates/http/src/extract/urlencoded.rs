//! `application/x-www-form-urlencoded`, read strictly: no parameter twice (RFC 6749 §3.2), no broken escape, only UTF-8.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Names and decoded values.
pub type Pairs = BTreeMap<String, String>;

/// More parameters than any request here has.
const MOST: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUrlEncoded {
    #[error("it is not a list of form-encoded UTF-8 parameters")]
    Malformed,
    #[error("the parameter `{0}` is given more than once")]
    Duplicate(String),
}

pub fn read(text: &[u8]) -> Result<Pairs, NotUrlEncoded> {
    let mut pairs = Pairs::new();
    for (name, value) in list(text)? {
        if pairs.contains_key(&name) {
            return Err(NotUrlEncoded::Duplicate(name));
        }
        pairs.insert(name, value);
    }
    Ok(pairs)
}

/// In their order and with their duplicates, for who tells them apart.
pub fn list(text: &[u8]) -> Result<Vec<(String, String)>, NotUrlEncoded> {
    let mut pairs = Vec::new();
    for pair in text.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == MOST {
            return Err(NotUrlEncoded::Malformed);
        }
        let end = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let (name, value) = (&pair[..end], pair.get(end + 1..).unwrap_or_default());
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

/// The reverse of [`list`].
pub fn encode<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, name.as_ref());
        text.push('=');
        escape(&mut text, value.as_ref());
    }
    text
}

fn escape(text: &mut String, plain: &str) {
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

/// One name or value: `+` is a space, `%xx` a byte.
pub fn decode(text: &[u8]) -> Result<String, NotUrlEncoded> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next())? << 4 | hex(rest.next())?,
            plain => *plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| NotUrlEncoded::Malformed)
}

fn hex(digit: Option<&u8>) -> Result<u8, NotUrlEncoded> {
    match digit {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        Some(_) | None => Err(NotUrlEncoded::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_once() {
        let pairs =
            read(b"grant_type=refresh_token&scope=a+b%20c&empty=&none&x=1%3D%2525").unwrap();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let expected = [
            ("empty", ""),
            ("grant_type", "refresh_token"),
            ("none", ""),
            ("scope", "a b c"),
            ("x", "1=%25"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn what_is_encoded_is_read_again() {
        let pairs = [("a", "x y&z=1#\u{e9}%"), ("b c", ""), ("a", "again")];
        let text = encode(&pairs);
        assert_eq!(text, "a=x%20y%26z%3D1%23%C3%A9%25&b%20c=&a=again");
        let read = list(text.as_bytes()).unwrap();
        assert_eq!(
            read,
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn duplicates_are_refused_however_they_are_spelled() {
        for text in ["a=1&a=1", "a=1&%61=2", "a&a"] {
            let refused = read(text.as_bytes());
            assert_eq!(refused, Err(NotUrlEncoded::Duplicate("a".into())), "{text}");
        }
    }

    #[test]
    fn broken_escapes_and_other_encodings_are_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "%ff=1", "a=%c3%28", "a=\u{0}%"] {
            assert_eq!(
                read(text.as_bytes()),
                Err(NotUrlEncoded::Malformed),
                "{text}"
            );
        }
    }
}
