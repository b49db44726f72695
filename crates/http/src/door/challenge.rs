//! Every challenge for an access token names the document by which a client finds out whom to ask for one (RFC 9728 §5.1).

use axum::response::Response;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use keywright_domain::IssuerUrl;

use crate::wellknown::PROTECTED_RESOURCE;

pub(crate) fn name_resource(mut response: Response, issuer: &IssuerUrl) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key(WWW_AUTHENTICATE) {
        return response;
    }
    let found: Vec<HeaderValue> = headers.get_all(WWW_AUTHENTICATE).iter().cloned().collect();
    headers.remove(WWW_AUTHENTICATE);
    for challenge in found {
        headers.append(WWW_AUTHENTICATE, named(challenge, issuer));
    }
    response
}

fn named(challenge: HeaderValue, issuer: &IssuerUrl) -> HeaderValue {
    let is_for_token = ["Bearer ", "DPoP "]
        .iter()
        .any(|scheme| challenge.as_bytes().starts_with(scheme.as_bytes()));
    let Some(text) = challenge.to_str().ok().filter(|_| is_for_token) else {
        return challenge;
    };
    let document = issuer.join(PROTECTED_RESOURCE);
    // An issuer's URL has no quote and no backslash in it.
    let text = format!("{text}, resource_metadata=\"{document}\"");
    HeaderValue::try_from(text).unwrap_or(challenge)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn only_challenges_for_tokens_name_the_document() {
        let issuer = "https://id.example".parse().unwrap();
        let mut response = ().into_response();
        for challenge in [
            "Basic realm=\"x\"",
            "Bearer realm=\"x\"",
            "DPoP algs=\"ES256\"",
        ] {
            let value = HeaderValue::from_static(challenge);
            response.headers_mut().append(WWW_AUTHENTICATE, value);
        }
        let response = name_resource(response, &issuer);
        let all: Vec<_> = response
            .headers()
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .collect();
        let document =
            "resource_metadata=\"https://id.example/.well-known/oauth-protected-resource\"";
        assert_eq!(all[0], "Basic realm=\"x\"");
        assert_eq!(all[1], &format!("Bearer realm=\"x\", {document}"));
        assert_eq!(all[2], &format!("DPoP algs=\"ES256\", {document}"));
    }
}
