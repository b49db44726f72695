//! `acr_values`: how the client would like the person to log in, most wanted first (OpenID Connect Core §3.1.2.1).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

/// In bytes.
const LONGEST: usize = 512;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let text = asked.parameters.value("acr_values").unwrap_or_default();
    if text.len() > LONGEST {
        return Err(Objection::AcrValuesTooMany);
    }
    let values = text.split(' ').filter(|value| !value.is_empty());
    request.acr_values = values.map(str::to_owned).collect();
    Ok(())
}
