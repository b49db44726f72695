//! `request_uri` where the client must push its requests (RFC 9126 §6): parameters of the browser do not count then.

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    let must_push = asked.client.registration.must_push();
    if must_push && !asked.parameters.contains("request_uri") {
        return Err(Objection::NotPushed);
    }
    Ok(())
}
