//! `claims`: single claims that the client asks for (OpenID Connect Core §5.5). What it is not registered to ask for is left out, as
//! a scope would be.

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};
use crate::openid::ClaimsRequest;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let Some(text) = asked.parameters.value("claims") else {
        return Ok(());
    };
    let claims = ClaimsRequest::parse(text).map_err(|_| Objection::ClaimsMalformed)?;
    request.claims = claims.within(&asked.client.registration.openid_scope);
    Ok(())
}
