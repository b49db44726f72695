//! `AUDIENCE=SCOPE SCOPE …` on the command line: what a role grants, or a client may ask for.

use std::collections::BTreeMap;

use keywright_domain::access::{Audience, ScopeSet};

use crate::output::Cell;

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

pub fn cell(grants: &BTreeMap<Audience, ScopeSet>) -> Cell {
    Cell::words(
        grants.iter().map(|(audience, scopes)| {
            format!("{audience}={}", scopes.to_string().replace(' ', ","))
        }),
    )
}
