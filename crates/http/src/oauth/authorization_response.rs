//! The answer of the authorization endpoint as a URL, for the response modes that have one.

use keywright_domain::authorize::{AuthorizationResponse, ResponseMode};

use crate::extract::urlencoded::encode;

/// Where a browser takes it by GET; `None`: it travels as a form.
pub fn address(response: &AuthorizationResponse) -> Option<String> {
    let (uri, parameters) = (&response.redirect_uri, &response.parameters);
    match response.mode {
        ResponseMode::Query => Some(with_query(uri, parameters)),
        ResponseMode::Fragment => Some(with_fragment(uri, parameters)),
        ResponseMode::FormPost => None,
    }
}

/// `redirect_uri` with `parameters` behind `?`, or behind `&` where the registered URI has a query of its own (RFC 6749 §3.1.2).
pub fn with_query(redirect_uri: &str, parameters: &[(&'static str, String)]) -> String {
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", encode(parameters))
}

/// The same behind `#`: a registered URI has no fragment of its own.
fn with_fragment(redirect_uri: &str, parameters: &[(&'static str, String)]) -> String {
    format!("{redirect_uri}#{}", encode(parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_follow_what_is_there_already() {
        let parameters = [("code", "kwc_a".to_owned()), ("state", "a b&c".to_owned())];
        let text = "code=kwc_a&state=a%20b%26c";
        for (uri, query) in [
            ("https://app.example/cb", "https://app.example/cb?"),
            (
                "https://app.example/cb?tenant=1",
                "https://app.example/cb?tenant=1&",
            ),
            ("com.example.app:/cb", "com.example.app:/cb?"),
        ] {
            assert_eq!(with_query(uri, &parameters), format!("{query}{text}"));
            assert_eq!(with_fragment(uri, &parameters), format!("{uri}#{text}"));
        }
    }
}
