use super::*;

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "198.51.100.7";

fn proxies(writes: ForwardedBy) -> TrustedProxies {
    TrustedProxies {
        ranges: vec!["10.0.0.0/8".parse().unwrap()],
        writes,
        ..TrustedProxies::default()
    }
}

fn client(writes: ForwardedBy, peer: &str, lines: &[(&'static str, &str)]) -> (String, bool) {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, value.parse().unwrap());
    }
    let peer = Peer {
        address: SocketAddr::new(peer.parse().unwrap(), 4000),
        is_tls: false,
        certificate: None,
    };
    let client = proxies(writes).client(&peer, &headers);
    (client.address.to_string(), client.https)
}

#[test]
fn the_rightmost_address_that_is_no_proxy_of_ours_is_the_client() {
    for (why, peer, lines, expected) in [
        ("no proxy, no header", STRANGER, &[][..], STRANGER),
        (
            "a stranger's header counts for nothing",
            STRANGER,
            &["127.0.0.1"],
            STRANGER,
        ),
        (
            "a stranger cannot pose as a proxy's client",
            STRANGER,
            &["203.0.113.5, 10.0.0.1"],
            STRANGER,
        ),
        (
            "our proxy says who it is",
            PROXY,
            &["203.0.113.5"],
            "203.0.113.5",
        ),
        (
            "what the client wrote before it is ignored",
            PROXY,
            &["127.0.0.1, 203.0.113.5"],
            "203.0.113.5",
        ),
        (
            "two proxies of ours",
            PROXY,
            &["1.1.1.1, 203.0.113.5, 10.9.9.9"],
            "203.0.113.5",
        ),
        (
            "lines are one list",
            PROXY,
            &["1.1.1.1", "203.0.113.5", "10.9.9.9"],
            "203.0.113.5",
        ),
        (
            "a client that names a proxy of ours",
            PROXY,
            &["10.7.7.7, 203.0.113.5"],
            "203.0.113.5",
        ),
        (
            "all are ours: the farthest",
            PROXY,
            &["10.2.2.2, 10.3.3.3"],
            "10.2.2.2",
        ),
        (
            "garbage ends the walk",
            PROXY,
            &["203.0.113.5, gar bage"],
            PROXY,
        ),
        (
            "garbage behind a proxy",
            PROXY,
            &["203.0.113.5, unknown, 10.3.3.3"],
            "10.3.3.3",
        ),
        (
            "an empty element is garbage",
            PROXY,
            &["203.0.113.5,"],
            PROXY,
        ),
        (
            "bytes that are no text",
            PROXY,
            &["203.0.113.5", "\u{e9}"],
            PROXY,
        ),
        ("with a port", PROXY, &["203.0.113.5:1234"], "203.0.113.5"),
        ("IPv6", PROXY, &["2001:db8::5"], "2001:db8::5"),
        (
            "IPv6 with a port",
            PROXY,
            &["[2001:db8::5]:1234"],
            "2001:db8::5",
        ),
        ("mapped IPv4", PROXY, &["::ffff:203.0.113.5"], "203.0.113.5"),
        (
            "a proxy behind a dual-stack socket",
            "::ffff:10.0.0.1",
            &["203.0.113.5"],
            "203.0.113.5",
        ),
        ("our proxy, silent", PROXY, &[], PROXY),
    ] {
        let lines: Vec<_> = lines
            .iter()
            .map(|value| ("x-forwarded-for", *value))
            .collect();
        assert_eq!(
            client(ForwardedBy::XForwarded, peer, &lines).0,
            expected,
            "{why}"
        );
    }
}

#[test]
fn the_forwarded_header_is_read_the_same_way() {
    for (why, peer, line, expected) in [
        (
            "a stranger's header counts for nothing",
            STRANGER,
            "for=127.0.0.1;proto=https",
            (STRANGER, false),
        ),
        (
            "our proxy says who it is",
            PROXY,
            "for=203.0.113.5;proto=https",
            ("203.0.113.5", true),
        ),
        (
            "parameter names have no case",
            PROXY,
            "Proto=HTTPS; For=203.0.113.5",
            ("203.0.113.5", true),
        ),
        (
            "quoted IPv6",
            PROXY,
            "for=\"[2001:db8::5]:99\"",
            ("2001:db8::5", false),
        ),
        (
            "the client's own element is ignored",
            PROXY,
            "for=127.0.0.1;proto=https, for=203.0.113.5;proto=http",
            ("203.0.113.5", false),
        ),
        (
            "obfuscated",
            PROXY,
            "for=203.0.113.5, for=_hidden",
            (PROXY, false),
        ),
    ] {
        let (address, https) = client(ForwardedBy::Forwarded, peer, &[("forwarded", line)]);
        assert_eq!((address.as_str(), https), expected, "{why}");
    }
}

#[test]
fn the_header_that_our_proxies_do_not_write_is_not_read() {
    let both = [
        ("x-forwarded-for", "203.0.113.5"),
        ("forwarded", "for=192.0.2.66;proto=https"),
    ];
    assert_eq!(
        client(ForwardedBy::XForwarded, PROXY, &both),
        ("203.0.113.5".to_owned(), false)
    );
    assert_eq!(
        client(ForwardedBy::Forwarded, PROXY, &both),
        ("192.0.2.66".to_owned(), true)
    );
}

#[test]
fn only_trusted_proxies_say_that_the_client_came_by_https() {
    let lines = [
        ("x-forwarded-for", "203.0.113.5"),
        ("x-forwarded-proto", "https"),
    ];
    assert!(client(ForwardedBy::XForwarded, PROXY, &lines).1);
    assert!(!client(ForwardedBy::XForwarded, STRANGER, &lines).1);
    let appended = [("x-forwarded-proto", "https, http")];
    assert!(
        !client(ForwardedBy::XForwarded, PROXY, &appended).1,
        "the nearest proxy has the last word"
    );
}
