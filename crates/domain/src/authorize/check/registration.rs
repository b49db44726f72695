//! `registration`: of self-issued providers alone (OpenID Connect Core §7.2.1), and an error anywhere else (§3.1.2.6).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    if asked.parameters.contains("registration") {
        return Err(Objection::Registration);
    }
    Ok(())
}
