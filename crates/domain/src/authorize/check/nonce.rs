//! `nonce`: comes back in the ID token (OpenID Connect Core §3.1.2.1).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

/// In bytes. It is stored with the code and carried by a token.
const LONGEST: usize = 512;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let nonce = asked.parameters.value("nonce");
    if nonce.is_some_and(|nonce| nonce.len() > LONGEST) {
        return Err(Objection::NonceTooLong);
    }
    request.nonce = nonce.map(str::to_owned);
    Ok(())
}
