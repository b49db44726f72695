//! Hosts as they stand in the web addresses that clients register.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What stands between `//` and the path; `None`: it is no web address.
pub(super) fn authority_of_site(uri: &str) -> Option<&str> {
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"))?;
    rest.split(['/', '?']).next()
}

/// A DNS name or an IP address, and perhaps a port.
pub(super) fn is_host_and_port(authority: &str) -> bool {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let Some((address, port)) = bracketed.split_once(']') else {
            return false;
        };
        let has_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return address.parse::<Ipv6Addr>().is_ok() && has_port;
    }
    match authority.split_once(':') {
        Some((name, port)) => is_name(name) && is_port(port),
        None => is_name(authority),
    }
}

fn is_port(digits: &str) -> bool {
    digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

/// RFC 1035 §2.3.1, with the underscore that names of machines have all the same. A name that ends in a number is an address, or nothing
/// (WHATWG URL, "ends in a number").
fn is_name(name: &str) -> bool {
    let relative = name.strip_suffix('.').unwrap_or(name);
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_letter);
    let last = relative.rsplit('.').next().unwrap_or_default();
    let is_numeric = last.bytes().all(|b| b.is_ascii_digit());
    relative.len() <= 253
        && relative.split('.').all(is_label)
        && (!is_numeric || relative.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for (authority, is_host) in [
            ("app.example", true),
            ("App.Example.", true),
            ("my_app.internal:8443", true),
            ("localhost", true),
            ("xn--bcher-kva.example", true),
            ("192.0.2.7:80", true),
            ("[2001:db8::1]", true),
            ("[::1]:3000", true),
            ("", false),
            (".", false),
            ("a..example", false),
            (".example", false),
            ("app.example:", false),
            ("app.example:65536", false),
            ("app.example:+80", false),
            ("app.example:80:81", false),
            ("192.0.2.256", false),
            ("192.0.2", false),
            ("app.1", false),
            ("[192.0.2.7]", false),
            ("[::1", false),
            ("[::1]x", false),
            ("app%2eexample", false),
            ("böcher.example", false),
        ] {
            assert_eq!(is_host_and_port(authority), is_host, "{authority}");
        }
        assert!(!is_host_and_port(&format!("{}.example", "a".repeat(64))));
        assert!(!is_host_and_port(&"a.".repeat(128)));
    }

    #[test]
    fn no_character_stands_in_a_name_that_no_name_has() {
        for byte in 0x21..0x7f_u8 {
            let letter = char::from(byte);
            let authority = format!("a{letter}b.example");
            let is_one = letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            assert_eq!(is_host_and_port(&authority), is_one, "{authority}");
        }
    }

    #[test]
    fn the_authority_is_what_a_browser_goes_to() {
        for (uri, authority) in [
            ("https://app.example/cb", Some("app.example")),
            ("https://app.example?x=1", Some("app.example")),
            ("http://[::1]:80/cb", Some("[::1]:80")),
            ("com.example.app://a;b/cb", None),
        ] {
            assert_eq!(authority_of_site(uri), authority, "{uri}");
        }
    }
}
