//! `response_mode`: how the answer travels (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection, Parameters, ResponseMode};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    match asked.parameters.value("response_mode") {
        Some(mode) if known(mode).is_none() => Err(Objection::ResponseModeUnknown),
        Some(_) | None => Ok(()),
    }
}

/// Where the client looks for an answer, be it the refusal of the mode that it named. Who asks for a token in the front channel
/// expects the error in the fragment, too (§5).
pub fn of(parameters: &Parameters) -> ResponseMode {
    let named = parameters.value("response_mode").and_then(known);
    let types = parameters.value("response_type").unwrap_or_default();
    let is_token = |word: &str| matches!(word, "token" | "id_token");
    let default = if types.split(' ').any(is_token) {
        ResponseMode::Fragment
    } else {
        ResponseMode::Query
    };
    named.unwrap_or(default)
}

fn known(text: &str) -> Option<ResponseMode> {
    ResponseMode::ALL
        .into_iter()
        .find(|mode| mode.as_str() == text)
}
