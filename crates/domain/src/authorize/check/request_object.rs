//! `request` and `request_uri` (OpenID Connect Core §6, RFC 9101): refused by name, because a client that relies on them must not
//! have them ignored.

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    if asked.parameters.contains("request") {
        return Err(Objection::RequestObject);
    }
    if asked.parameters.contains("request_uri") {
        return Err(Objection::RequestUri);
    }
    Ok(())
}
