//! `response_mode`: how the answer travels (OAuth 2.0 Multiple Response Type Encoding Practices §2.1), and whether it is signed (JARM §2.3).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection, Parameters, ResponseMode};

/// What a request may name. `None`: as is usual for its response type.
const KNOWN: [(&str, Option<ResponseMode>, bool); 7] = [
    ("query", Some(ResponseMode::Query), false),
    ("fragment", Some(ResponseMode::Fragment), false),
    ("form_post", Some(ResponseMode::FormPost), false),
    ("query.jwt", Some(ResponseMode::Query), true),
    ("fragment.jwt", Some(ResponseMode::Fragment), true),
    ("form_post.jwt", Some(ResponseMode::FormPost), true),
    ("jwt", None, true),
];

/// For the metadata.
pub const NAMES: [&str; KNOWN.len()] = {
    let mut names = [""; KNOWN.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = KNOWN[at].0;
        at += 1;
    }
    names
};

pub fn check(asked: &Asked<'_>, _: &mut AuthorizationRequest) -> Result<(), Objection> {
    match asked.parameters.value("response_mode") {
        Some(mode) if known(mode).is_none() => Err(Objection::ResponseModeUnknown),
        Some(_) if is_signed(asked.parameters) => {
            let algorithm = asked.client.registration.response_algorithm();
            algorithm.map(drop).ok_or(Objection::ResponseModeUnsigned)
        }
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
    named.and_then(|(mode, _)| mode).unwrap_or(default)
}

/// Whether the client wants a signature on the answer.
pub fn is_signed(parameters: &Parameters) -> bool {
    let named = parameters.value("response_mode").and_then(known);
    named.is_some_and(|(_, is_signed)| is_signed)
}

fn known(text: &str) -> Option<(Option<ResponseMode>, bool)> {
    let found = KNOWN.into_iter().find(|(name, ..)| *name == text);
    found.map(|(_, mode, is_signed)| (mode, is_signed))
}
