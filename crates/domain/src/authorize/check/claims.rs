//! `claims`: single claims that the client asks for (OpenID Connect Core §5.5).

use serde_json::Value;

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

/// In bytes. It is stored with the code.
const LONGEST: usize = 4096;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let Some(text) = asked.parameters.value("claims") else {
        return Ok(());
    };
    let parsed: Option<Value> = (text.len() <= LONGEST)
        .then(|| serde_json::from_str(text).ok())
        .flatten();
    match parsed {
        Some(claims @ Value::Object(_)) => {
            request.claims = Some(claims);
            Ok(())
        }
        Some(_) | None => Err(Objection::ClaimsMalformed),
    }
}
