//! `redirect_uri`: where the answer goes. Exactly a registered one (RFC 9700 §2.1, invariant 12).

use crate::authorize::Parameters;
use crate::client::Client;

/// As the request spells it, because the client compares it with what it sent. A request that names none means the one that is
/// registered (RFC 6749 §3.1.2.3).
pub fn trusted(client: &Client, parameters: &Parameters) -> Option<String> {
    let registered = &client.registration.redirect_uris;
    if parameters.contains("redirect_uri") {
        let presented = parameters.value("redirect_uri")?;
        let known = registered.iter().any(|uri| uri.matches(presented));
        return known.then(|| presented.to_owned());
    }
    match registered.as_slice() {
        [only] => Some(only.as_str().to_owned()),
        _ => None,
    }
}
