//! `id_token_hint`: the person whom the client means (OpenID Connect Core §3.1.2.1). One that is no ID token of this client would be
//! no hint at all, and a client that is answered as if it had given none would take somebody else for the one it meant.

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    if !asked.parameters.contains("id_token_hint") {
        return Ok(());
    }
    match asked.hint {
        Some(hint) if hint.client == asked.client.id => {
            request.hinted = Some(hint.subject.clone());
            Ok(())
        }
        Some(_) | None => Err(Objection::IdTokenHint),
    }
}
