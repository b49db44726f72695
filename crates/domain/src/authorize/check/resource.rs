//! `resource` (RFC 8707), or `audience` as the token endpoint knows it: the one API that the access token is for.

use super::Asked;
use crate::access::Audience;
use crate::authorize::parameters::RESOURCE;
use crate::authorize::{AuthorizationRequest, Objection};

/// A request that names none means the client's default API; a client without one wants to know who logged in, and gets a token
/// for the issuer itself, where userinfo is.
pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let named = asked.parameters.all(RESOURCE);
    let named = named.iter().chain(asked.parameters.all("audience"));
    let mut named = named.map(|name| name.parse::<Audience>());
    if let Some(first) = named.next() {
        let first = first.map_err(|_| Objection::TargetUnknown)?;
        // A token is for one audience: what is sent to one API must be of no use at another (RFC 9068 §5).
        if named.any(|other| other.as_ref() != Ok(&first)) {
            return Err(Objection::TargetUnknown);
        }
        request.audience = first;
    } else if let Some(default) = &asked.client.default_audience {
        request.audience = default.clone();
    }
    match asked.catalog.api(&request.audience) {
        Ok(_) => Ok(()),
        Err(_) => Err(Objection::TargetUnknown),
    }
}
