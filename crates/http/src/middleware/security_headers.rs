//! What browsers are told about every response. A handler that sets one of these itself keeps its own.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// Two years, the least that browsers' preload lists take. Not for subdomains: they may belong to others.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

const ALWAYS: [(HeaderName, HeaderValue); 7] = [
    // Answers carry tokens and people's data (RFC 6749 §5.1); what may be cached says so itself.
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    // JSON is never to be run as a script, whatever it looks like.
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Codes and link tokens must not leak to other sites in `Referer`.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // An API answer loads nothing and is framed by nobody (clickjacking, RFC 9700 §4.16); pages bring their own policy.
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    // The same for browsers that know no `frame-ancestors`.
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // No other window may hold on to ours, and no other site may load our answers as its own resources.
    (
        CROSS_ORIGIN_OPENER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
];

pub(super) fn complete(headers: &mut HeaderMap, https: bool) {
    // Once, instead of growing twice on the way.
    headers.reserve(ALWAYS.len() + 2);
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    // RFC 6797 §7.2: never over plain HTTP.
    if https {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_keeps_what_it_set() {
        let mut headers = HeaderMap::new();
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        );
        complete(&mut headers, false);
        assert_eq!(
            headers.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(),
            ["public, max-age=300"]
        );
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers.len(), ALWAYS.len());
    }

    #[test]
    fn strict_transport_security_is_told_over_https_only() {
        for https in [true, false] {
            let mut headers = HeaderMap::new();
            complete(&mut headers, https);
            assert_eq!(headers.contains_key(STRICT_TRANSPORT_SECURITY), https);
        }
    }
}
