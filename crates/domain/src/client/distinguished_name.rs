//! Distinguished names as an operator writes them (RFC 4514), to be compared with the subject of a certificate.

use std::collections::BTreeSet;
use std::str::FromStr;

/// Relative names in the order of the certificate, which is the reverse of the text. Each is a set of type and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DistinguishedName(pub Vec<BTreeSet<(String, String)>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MalformedName;

/// RFC 4514 §3, and what the certificates of banks and services bear beside it.
const TYPES: [(&str, &str); 13] = [
    ("CN", "2.5.4.3"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("C", "2.5.4.6"),
    ("STREET", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("serialNumber", "2.5.4.5"),
    ("businessCategory", "2.5.4.15"),
    ("organizationIdentifier", "2.5.4.97"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
];

impl FromStr for DistinguishedName {
    type Err = MalformedName;

    fn from_str(text: &str) -> Result<Self, MalformedName> {
        let (mut names, mut current) = (Vec::new(), BTreeSet::new());
        let mut rest = text;
        loop {
            let (kind, after) = rest.split_once('=').ok_or(MalformedName)?;
            let end = end_of_value(after);
            // Many tools write a space behind the comma.
            let kind = oid_of(kind.trim_start_matches(' '))?;
            current.insert((kind, value_of(&after[..end])?));
            let separator = after[end..].chars().next();
            if separator != Some('+') {
                names.push(std::mem::take(&mut current));
            }
            if separator.is_none() {
                break;
            }
            rest = &after[end + 1..];
        }
        names.reverse();
        Ok(Self(names))
    }
}

fn oid_of(kind: &str) -> Result<String, MalformedName> {
    let known = TYPES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(kind));
    if let Some((_, oid)) = known {
        return Ok((*oid).to_owned());
    }
    let is_arc = |arc: &str| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit());
    let is_oid = kind.contains('.') && kind.split('.').all(is_arc);
    is_oid.then(|| kind.to_owned()).ok_or(MalformedName)
}

/// Where the next separator stands that is not escaped.
fn end_of_value(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b',' | b'+' => return at,
            _ => {}
        }
    }
    text.len()
}

/// RFC 4514 §2.4. A value in hexadecimal (`#04…`) is refused: it would be compared with bytes that nobody can read.
fn value_of(raw: &str) -> Result<String, MalformedName> {
    let ends_bare = raw.ends_with(' ') && !raw.ends_with("\\ ");
    if raw.is_empty() || raw.starts_with([' ', '#']) || ends_bare {
        return Err(MalformedName);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'\\' => {
                let (byte, after) = unescape(after)?;
                bytes.push(byte);
                rest = after;
            }
            b'"' | b';' | b'<' | b'>' | 0 => return Err(MalformedName),
            plain => bytes.push(*plain),
        }
    }
    String::from_utf8(bytes).map_err(|_| MalformedName)
}

fn unescape(after: &[u8]) -> Result<(u8, &[u8]), MalformedName> {
    let digit = |b: &u8| {
        char::from(*b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    match after {
        [special, rest @ ..] if b" \"#+,;<=>\\".contains(special) => Ok((*special, rest)),
        [high, low, rest @ ..] => match (digit(high), digit(low)) {
            (Some(high), Some(low)) => Ok((high << 4 | low, rest)),
            (Some(_) | None, _) => Err(MalformedName),
        },
        [_] | [] => Err(MalformedName),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<Vec<(String, String)>>> {
        let name = text.parse::<DistinguishedName>().ok()?;
        Some(name.0.into_iter().map(Vec::from_iter).collect())
    }

    #[test]
    fn the_last_name_of_the_text_is_the_first_of_the_certificate() {
        let pair = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
        for (text, expected) in [
            (
                "CN=shop,O=Example,C=NL",
                vec![
                    vec![pair("2.5.4.6", "NL")],
                    vec![pair("2.5.4.10", "Example")],
                    vec![pair("2.5.4.3", "shop")],
                ],
            ),
            (
                "cn=a, O=b",
                vec![vec![pair("2.5.4.10", "b")], vec![pair("2.5.4.3", "a")]],
            ),
            (
                "OU=Sales+CN=J.  Smith,DC=example",
                vec![
                    vec![pair("0.9.2342.19200300.100.1.25", "example")],
                    vec![pair("2.5.4.11", "Sales"), pair("2.5.4.3", "J.  Smith")],
                ],
            ),
            (
                r"CN=James \22Jim\22 Smith\, III\ ",
                vec![vec![pair("2.5.4.3", "James \"Jim\" Smith, III ")]],
            ),
            (r"CN=Lu\C4\8Di\C4\87", vec![vec![pair("2.5.4.3", "Lučić")]]),
            ("1.3.6.1=x=y", vec![vec![pair("1.3.6.1", "x=y")]]),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "", "shop", "CN=", "CN=a,", "CN= a", "CN=a ", "CN=a;O=b", "CN=\"a\"", "CN=#0402",
            r"CN=a\", r"CN=\zz", r"CN=\C4", "nobody=a", "1.=a",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
