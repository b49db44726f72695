/// An address without query and fragment, its scheme and host in lower case, a default port left out and an empty path
/// written as `/` (RFC 9449 §4.3 item 9, RFC 3986 §6.2.2 and §6.2.3). `None` for anything else than http and https, or
/// with credentials in it. Percent-encoding stays as it is: what both sides must write alike need not be understood.
pub(super) fn normalise(url: &str) -> Option<String> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (scheme, rest) = url[..end].split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .strip_suffix(default_port)
        .or_else(|| authority.strip_suffix(':'))
        .unwrap_or(authority);
    if host.is_empty() || host.contains('@') {
        return None;
    }
    let path = if path.is_empty() { "/" } else { path };
    Some(format!("{scheme}://{}{path}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_become_one() {
        let same = [
            "https://api.example/orders",
            "https://api.example/orders?page=2",
            "https://api.example/orders#top",
            "https://api.example/orders?a=https://x/#?",
            "HTTPS://API.example:443/orders",
            "https://api.example:/orders",
        ];
        for url in same {
            assert_eq!(
                normalise(url).as_deref(),
                Some("https://api.example/orders"),
                "{url}"
            );
        }
        for url in ["http://[::1]:80", "http://[::1]/?x", "HTTP://[::1]"] {
            assert_eq!(normalise(url).as_deref(), Some("http://[::1]/"), "{url}");
        }
    }

    #[test]
    fn different_addresses_stay_different() {
        let urls = [
            "https://api.example/orders",
            "http://api.example/orders",
            "https://api.example/Orders",
            "https://api.example/orders/",
            "https://api.example/orders/../admin",
            "https://api.example/%6frders",
            "https://api.example:8443/orders",
            "https://api.example:80/orders",
            "https://api.example::443/orders",
            "https://api.example.evil.example/orders",
            "https://api.example",
        ];
        for (at, one) in urls.iter().enumerate() {
            for other in &urls[at + 1..] {
                assert_ne!(normalise(one), normalise(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_address_is_nothing() {
        let bad = [
            "",
            "/orders",
            "api.example/orders",
            "ftp://api.example/",
            "https://",
            "https:///x",
            "https://api.example@evil.example/",
            "https://?x",
        ];
        for url in bad {
            assert_eq!(normalise(url), None, "{url}");
        }
    }
}
