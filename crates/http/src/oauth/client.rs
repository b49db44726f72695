//! How a client says who it is (RFC 6749 §2.3): by Basic, by a secret in the form, or by an assertion, and never by two of them. What its
//! connection showed is no part of the message, and is added by the door.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use keywright_domain::client::{ASSERTION_TYPE, ClientProof, PresentedClient, SecretIn};
use keywright_domain::secret::PlainSecret;

use super::error::{OAuthError, OAuthReason};
use crate::extract::form::Form;
use crate::extract::urlencoded;

pub fn presented_client(headers: &HeaderMap, form: &Form) -> Result<PresentedClient, OAuthError> {
    let basic = basic_credentials(headers)?;
    if form.value("client_assertion").is_some() || form.value("client_assertion_type").is_some() {
        return match (basic, form.value("client_secret")) {
            (None, None) => by_assertion(form),
            (Some(_), _) | (None, Some(_)) => Err(OAuthReason::TwoClientMethods.into()),
        };
    }
    let (id, secret) = (form.value("client_id"), form.value("client_secret"));
    let (id, secret, how) = match (&basic, id, secret) {
        (None, None, _) => return Err(OAuthReason::ClientMissing.into()),
        (None, Some(id), secret) => (id, secret, SecretIn::Form),
        (Some(_), _, Some(_)) => return Err(OAuthReason::TwoClientMethods.into()),
        (Some((basic, _)), Some(id), None) if basic != id => {
            return Err(OAuthReason::TwoClientMethods.into());
        }
        (Some((id, secret)), _, None) => (id.as_str(), Some(secret.as_str()), SecretIn::Basic),
    };
    let proof = match secret.filter(|text| !text.is_empty()).map(PlainSecret::new) {
        Some(secret) => ClientProof::Secret { secret, how },
        None => ClientProof::None,
    };
    Ok(PresentedClient {
        id: id.parse().map_err(|_| OAuthReason::InvalidClient)?,
        proof,
        certificate: None,
    })
}

/// RFC 7521 §4.2: `client_id` may be left out, and must not name another client.
fn by_assertion(form: &Form) -> Result<PresentedClient, OAuthError> {
    let (Some(assertion), Some(ASSERTION_TYPE)) = (
        form.value("client_assertion"),
        form.value("client_assertion_type"),
    ) else {
        return Err(OAuthReason::InvalidClient.into());
    };
    let presented = PresentedClient::by_assertion(PlainSecret::new(assertion))
        .map_err(|_| OAuthReason::InvalidClient)?;
    match form.value("client_id") {
        Some(id) if id != presented.id.as_str() => Err(OAuthReason::InvalidClient.into()),
        Some(_) | None => Ok(presented),
    }
}

/// Both halves are form-encoded before they are joined, unlike in other uses of Basic.
fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, OAuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let refused = || OAuthError::from(OAuthReason::InvalidClient);
    let (scheme, encoded) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("basic") || values.next().is_some() {
        return Err(refused());
    }
    let pair = base64_simd::STANDARD
        .decode_to_vec(encoded.trim_matches(' '))
        .map_err(|_| refused())?;
    let colon = pair.iter().position(|b| *b == b':').ok_or_else(refused)?;
    let half = |bytes: &[u8]| urlencoded::decode(bytes).map_err(|_| refused());
    Ok(Some((half(&pair[..colon])?, half(&pair[colon + 1..])?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(basic: &[&str], form: &str) -> Result<(String, Option<String>), OAuthReason> {
        let mut headers = HeaderMap::new();
        for text in basic {
            let encoded = base64_simd::STANDARD.encode_to_string(text.as_bytes());
            headers.append(AUTHORIZATION, format!("Basic {encoded}").parse().unwrap());
        }
        let form = Form::parse(form.as_bytes()).unwrap();
        presented_client(&headers, &form)
            .map(|c| match c.proof {
                ClientProof::None => (c.id.to_string(), None),
                ClientProof::Secret { secret, .. } | ClientProof::Assertion(secret) => {
                    (c.id.to_string(), Some(secret.expose().to_owned()))
                }
            })
            .map_err(|error| error.reason)
    }

    #[test]
    fn one_method_names_the_client() {
        let shop = |secret: &str| Ok(("shop".to_owned(), Some(secret.to_owned())));
        assert_eq!(
            read(&["shop:s%2Bx+y"], ""),
            shop("s+x y"),
            "RFC 6749 appendix B"
        );
        assert_eq!(read(&["shop:a:b"], "client_id=shop"), shop("a:b"));
        assert_eq!(read(&[], "client_id=shop&client_secret=s"), shop("s"));
        assert_eq!(read(&[], "client_id=spa"), Ok(("spa".into(), None)));
    }

    #[test]
    fn two_methods_and_none_are_refused() {
        for (basic, form, reason) in [
            (
                &["shop:s"][..],
                "client_secret=s",
                OAuthReason::TwoClientMethods,
            ),
            (
                &["shop:s"],
                "client_id=shop&client_secret=s",
                OAuthReason::TwoClientMethods,
            ),
            (
                &["shop:s"],
                "client_id=other",
                OAuthReason::TwoClientMethods,
            ),
            (&["shop:s", "shop:s"], "", OAuthReason::InvalidClient),
            (&["shop"], "", OAuthReason::InvalidClient),
            (&["sh op:s"], "", OAuthReason::InvalidClient),
            (&[], "", OAuthReason::ClientMissing),
            (&[], "client_secret=s", OAuthReason::ClientMissing),
        ] {
            assert_eq!(read(basic, form), Err(reason), "{basic:?} {form}");
        }
    }
}
