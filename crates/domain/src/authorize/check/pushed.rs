//! Whether the client may ask in the browser at all, where whoever sits there can see and change the request (RFC 9126 §6).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    if asked.client.registration.must_push() {
        return Err(Objection::PushRequired);
    }
    Ok(())
}
