//! `scope`: OpenID Connect's own words apart, since no API knows them; the others as everywhere (`access::Catalog::narrow`).

use super::Asked;
use crate::access::{OPENID_SCOPES, Scope, ScopeRefused, ScopeSet};
use crate::authorize::{AuthorizationRequest, Objection};
use crate::client::Grant;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let wanted: Option<ScopeSet> = match asked.parameters.value("scope") {
        Some(text) => Some(text.parse().map_err(|_| Objection::ScopeMalformed)?),
        None => None,
    };
    let words = openid_words();
    let of_openid = wanted.as_ref().map(|wanted| wanted.intersection(&words));
    request.openid = openid(asked, &of_openid.unwrap_or_default())?;

    let of_api = wanted.map(|wanted| wanted.without(&words));
    let nothing = ScopeSet::default();
    let allowed = asked.client.allowed.get(&request.audience);
    let limits = [allowed.unwrap_or(&nothing)];
    let api = asked.catalog.api(&request.audience).map_err(objection)?;
    let narrowed = asked.catalog.narrow(api, of_api.as_ref(), &limits);
    request.scope = narrowed.map_err(objection)?;
    Ok(())
}

/// What the client may have of it. A claim that it may not ask for is left out, and the answer's `scope` says so; without `openid`
/// itself the client would wait for an ID token in vain, so that is an error.
fn openid(asked: &Asked<'_>, wanted: &ScopeSet) -> Result<ScopeSet, Objection> {
    let allowed = &asked.client.registration.openid_scope;
    if wanted.contains("openid") && !allowed.contains("openid") {
        return Err(Objection::OpenIdNotAllowed);
    }
    let mut granted = wanted.intersection(allowed);
    if !asked.client.grants.contains(&Grant::RefreshToken) {
        // It asks that refresh tokens outlive the browser's login (OpenID Connect Core §11), and there will be none.
        granted = granted.without(&set(&["offline_access"]));
    }
    Ok(granted)
}

fn openid_words() -> ScopeSet {
    set(&OPENID_SCOPES)
}

fn set(words: &[&str]) -> ScopeSet {
    let scopes: Vec<Scope> = words.iter().filter_map(|word| word.parse().ok()).collect();
    scopes.iter().collect()
}

fn objection(refused: ScopeRefused) -> Objection {
    match refused {
        ScopeRefused::UnknownApi(_) | ScopeRefused::NoApi => Objection::TargetUnknown,
        ScopeRefused::UnknownScope(_) => Objection::ScopeUnknown,
        ScopeRefused::NothingGranted => Objection::ScopeNotAllowed,
    }
}
