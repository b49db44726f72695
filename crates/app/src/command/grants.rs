//! `AUDIENCE=SCOPE SCOPE …` on the command line: what a role grants, or a client may ask for.

use keywright_domain::access::{Audience, ScopeSet};
use serde_json::Value;

pub fn parse(text: &str) -> Result<(Audience, ScopeSet), String> {
    // An audience may hold `=`, a scope too; the last one that leaves both sides valid would be a guess, so the first counts.
    let (audience, scopes) = text
        .split_once('=')
        .ok_or("expected AUDIENCE=\"SCOPE SCOPE\"")?;
    let audience = audience
        .parse()
        .map_err(|e: keywright_domain::access::MalformedAudience| e.to_string())?;
    let scopes = scopes
        .parse()
        .map_err(|e: keywright_domain::access::MalformedScope| e.to_string())?;
    Ok((audience, scopes))
}

/// As the admin API writes it. Of an audience that is given twice, the last counts.
pub fn document(grants: Vec<(Audience, ScopeSet)>) -> Value {
    let members = grants.into_iter();
    members
        .map(|(audience, scopes)| (audience.to_string(), Value::from(scopes.to_string())))
        .collect()
}
