//! `prompt`: what the person is to be asked in any case (OpenID Connect Core §3.1.2.1).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection, Prompt};

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let words = asked.parameters.value("prompt").unwrap_or_default();
    let mut prompt = Prompt::default();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => return Err(Objection::PromptUnknown),
        }
    }
    if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
        return Err(Objection::PromptContradicts);
    }
    request.prompt = prompt;
    Ok(())
}
