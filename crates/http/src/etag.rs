//! Whether a caller has what would be sent.

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

/// Weak comparison, as RFC 9110 §13.1.2 asks; `own` is a strong tag with its quotes.
pub fn is_known(own: &str, headers: &HeaderMap) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_names_the_tag_has_it() {
        for (value, known) in [
            ("\"own\"", true),
            ("W/\"own\"", true),
            ("\"other\", \"own\"", true),
            ("*", true),
            ("\"other\"", false),
            ("own", false),
        ] {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]);
            assert_eq!(is_known("\"own\"", &headers), known, "{value}");
        }
        assert!(!is_known("\"own\"", &HeaderMap::new()));
    }
}
