//! Whether the client may use this grant at all.

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};
use crate::client::Grant;

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    if asked.client.grants.contains(&Grant::AuthorizationCode) {
        Ok(())
    } else {
        Err(Objection::GrantNotAllowed)
    }
}
