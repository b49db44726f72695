//! No parameter twice (RFC 6749 §3.1), but `resource` (RFC 8707 §2).

use super::Asked;
use crate::authorize::parameters::RESOURCE;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    let parameters = asked.parameters;
    let mut names = parameters.names();
    if names.any(|name| name != RESOURCE && parameters.is_repeated(name)) {
        return Err(Objection::Repeated);
    }
    Ok(())
}
