//! Addresses of the net: e-mail and IP.

use std::net::IpAddr;

/// Whether an e-mail address stands somewhere in `text`: alone, in `mailto:`, in `Name <…>`, or in a sentence.
pub fn has_email(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'@') {
        at += found;
        if is_email_around(bytes, at) {
            return true;
        }
        at += 1;
    }
    false
}

fn is_email_around(text: &[u8], at: usize) -> bool {
    let local = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || **byte >= 0x80 || b".!#$%&'*+=?^_`{|}~-".contains(byte)
    };
    let host = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte >= 0x80 || b".-".contains(byte);
    let before = text[..at].iter().rev().take_while(local).count();
    let after = text[at + 1..].iter().take_while(host).count();
    let domain = &text[at + 1..at + 1 + after];
    let domain = domain.strip_suffix(b".").unwrap_or(domain);
    // A path that begins with a scope (`/@acme`) has no local part; `git@host:path` is a place, `logo@2x.png` a picture.
    let remote = text.get(at + 1 + after) == Some(&b':') && &text[at - before..at] == b"git";
    let top = domain
        .rsplit(|byte| *byte == b'.')
        .next()
        .unwrap_or_default();
    let named = top.len() >= 2
        && top
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let picture = [&b"png"[..], b"jpg", b"gif", b"svg", b"webp"].contains(&top);
    before > 0
        && !remote
        && !picture
        && named
        && top.len() < domain.len()
        && !domain.starts_with(b".")
}

/// What a text of digits, hexadecimal letters, dots and colons is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// Four numbers with dots: an address, or a version.
    Dotted,
    Ipv6,
}

/// An address of somebody: neither of this machine nor of everybody. Of a list, the first (`X-Forwarded-For`).
pub fn ip_address(text: &str) -> Option<Address> {
    let first = text.split(',').next()?.trim();
    if !(6..=45).contains(&first.len()) {
        return None;
    }
    let address: IpAddr = first
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()?;
    let of_nobody = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    match address {
        _ if of_nobody => None,
        IpAddr::V4(_) => Some(Address::Dotted),
        IpAddr::V6(_) => Some(Address::Ipv6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_where_they_stand() {
        for text in [
            "ann@example.org",
            "mailto:ann@example.org",
            "Ann <ann.b+c@mail.example.co.uk>",
            "write to ann@example.org.",
            "用户@例子.公司",
            "a@b, ann@example.org",
        ] {
            assert!(has_email(text), "{text}");
        }
        for text in [
            "@acme/ui",
            "@acme/ui@2.3.1",
            "app@sha256:9f86d0",
            "git@github.com:acme/ui.git",
            "a@b",
            "user@",
            "@",
            "x@.com",
            "https://docs.example.org/a@b/c",
            "root@10.0.0.1",
            "logo@2x.png",
        ] {
            assert!(!has_email(text), "{text}");
        }
    }

    #[test]
    fn addresses_of_nobody_are_none() {
        assert_eq!(ip_address("203.0.113.7, 10.0.0.2"), Some(Address::Dotted));
        assert_eq!(ip_address("2001:db8::1"), Some(Address::Ipv6));
        for text in [
            "127.0.0.1",
            "::1",
            "0.0.0.0",
            "10.0.0.0/8",
            "1.2.3",
            "1.2.3.400",
            "dead:beef",
        ] {
            assert_eq!(ip_address(text), None, "{text}");
        }
    }
}
