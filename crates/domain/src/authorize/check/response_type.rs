//! `response_type`: a code, and nothing that travels in the browser beside it (RFC 9700 §2.1.2 does away with the implicit grant).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    match asked.parameters.value("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(Objection::ResponseTypeUnknown),
        None => Err(Objection::ResponseTypeMissing),
    }
}
