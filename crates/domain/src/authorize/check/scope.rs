//! `scope`: OpenID Connect's own words apart, since no API knows them; the others as everywhere (`access::Catalog::narrow`).

use super::Asked;
use crate::access::{ScopeRefused, ScopeSet, openid_words};
use crate::authorize::{AuthorizationRequest, Objection};

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    let wanted: Option<ScopeSet> = match asked.parameters.value("scope") {
        Some(text) => Some(text.parse().map_err(|_| Objection::ScopeMalformed)?),
        None => None,
    };
    let words = openid_words();
    let of_openid = wanted.as_ref().map(|wanted| wanted.intersection(&words));
    request.openid = asked
        .client
        .openid_within(&of_openid.unwrap_or_default())
        .ok_or(Objection::OpenIdNotAllowed)?;

    let of_api = wanted.map(|wanted| wanted.without(&words));
    let nothing = ScopeSet::default();
    let allowed = asked.client.allowed.get(&request.audience);
    let limits = [allowed.unwrap_or(&nothing)];
    let api = asked.catalog.api(&request.audience).map_err(objection)?;
    let narrowed = asked.catalog.narrow(api, of_api.as_ref(), &limits);
    request.scope = narrowed.map_err(objection)?;
    Ok(())
}

fn objection(refused: ScopeRefused) -> Objection {
    match refused {
        ScopeRefused::UnknownApi(_) | ScopeRefused::NoApi | ScopeRefused::OtherApi => {
            Objection::TargetUnknown
        }
        ScopeRefused::UnknownScope(_) => Objection::ScopeUnknown,
        ScopeRefused::NothingGranted => Objection::ScopeNotAllowed,
    }
}
