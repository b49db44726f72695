//! `dpop_jkt` (RFC 9449 §10): the key that the client will prove at the token endpoint; a stolen code is of no use without it.

use super::{Asked, pkce};
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let thumbprint = asked.parameters.value("dpop_jkt");
    if thumbprint.is_some_and(|text| !pkce::is_sha256(text)) {
        return Err(Objection::ProofKeyMalformed);
    }
    request.dpop_jkt = thumbprint.map(str::to_owned);
    Ok(())
}
