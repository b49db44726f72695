//! `authorization_details` (RFC 9396): a type that the API does not know must be refused (§5), and no API here knows any.

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    if asked.parameters.contains("authorization_details") {
        return Err(Objection::DetailsUnknown);
    }
    Ok(())
}
