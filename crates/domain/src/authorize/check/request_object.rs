//! `request` and `request_uri`: one of them at most (RFC 9101 §5). What they point to has taken their place already, so that `request` is
//! left only where both were sent, and `request_uri` names what was pushed.

use super::Asked;
use crate::authorize::pushed::PREFIX;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    if asked.parameters.contains("request") {
        return Err(Objection::RequestObject);
    }
    let uri = asked.parameters.value("request_uri");
    if uri.is_some_and(|uri| !uri.starts_with(PREFIX)) {
        return Err(Objection::RequestUri);
    }
    Ok(())
}
