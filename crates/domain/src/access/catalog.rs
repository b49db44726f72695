//! All APIs and roles of the issuer: small, read at every mint, held in memory and refreshed when it changes.

use std::collections::{BTreeMap, BTreeSet};

use keywright_jwt::Algorithm;

use crate::access::{
    Api, Audience, DetailTypeName, DetailTypes, ISSUER_SCOPES, Role, RoleName, Scope, ScopeSet,
};
use crate::claims::ClaimsPolicy;
use crate::{IssuerUrl, Period, Time};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    pub apis: BTreeMap<Audience, Api>,
    pub roles: BTreeMap<RoleName, Role>,
    /// What clients registered to be answered with, which their ID tokens are signed by.
    pub client_algorithms: BTreeSet<Algorithm>,
}

/// Why a request for scopes is refused, in the terms of RFC 6749 §5.2 and RFC 8707 §2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeRefused {
    #[error("the API `{0}` is not registered here")]
    UnknownApi(String),
    #[error("no API is named and the client has no default")]
    NoApi,
    /// The API was chosen when the session began.
    #[error("the session is for another API")]
    OtherApi,
    #[error("the scope `{0}` is not known to this API")]
    UnknownScope(String),
    #[error("none of the requested scopes may be granted")]
    NothingGranted,
}

impl Catalog {
    pub fn api(&self, audience: &Audience) -> Result<&Api, ScopeRefused> {
        self.apis
            .get(audience)
            .ok_or_else(|| ScopeRefused::UnknownApi(audience.to_string()))
    }

    /// The types of authorization details that some API knows.
    pub fn detail_types(&self) -> BTreeSet<&DetailTypeName> {
        let apis = self.apis.values();
        apis.flat_map(|api| api.details.keys()).collect()
    }

    /// What `roles` grant on the API `audience`.
    pub fn granted(&self, roles: &[RoleName], audience: &Audience) -> ScopeSet {
        roles
            .iter()
            .filter_map(|name| self.roles.get(name)?.grants.get(audience))
            .fold(ScopeSet::default(), |all, scopes| all.union(scopes))
    }

    /// requested ∩ known to the API ∩ allowed to the client ∩ granted to the user's roles.
    ///
    /// `requested = None` asks for all that may be had. A word that the API does not know is an error rather than a
    /// silent drop: it is a typing mistake, and the developer should hear of it. A known scope that this user or client
    /// may not have is dropped, and the response's `scope` says so (RFC 6749 §3.3).
    pub fn narrow(
        &self,
        api: &Api,
        requested: Option<&ScopeSet>,
        limits: &[&ScopeSet],
    ) -> Result<ScopeSet, ScopeRefused> {
        let known = api.scope_set();
        if let Some(wanted) = requested
            && let Some(stranger) = wanted.without(&known).iter().next()
        {
            return Err(ScopeRefused::UnknownScope(stranger.to_owned()));
        }
        let start = requested.unwrap_or(&known).intersection(&known);
        let granted = limits
            .iter()
            .fold(start, |left, limit| left.intersection(limit));
        match requested {
            Some(wanted) if !wanted.is_empty() && granted.is_empty() => {
                Err(ScopeRefused::NothingGranted)
            }
            _ => Ok(granted),
        }
    }
}

/// Keywright's own API, which every issuer has: its audience is the issuer URL.
pub fn issuer_api(issuer: &IssuerUrl, algorithm: Algorithm, now: Time) -> Option<Api> {
    let scopes = ISSUER_SCOPES
        .iter()
        .map(|(scope, says)| Some((scope.parse::<Scope>().ok()?, (*says).to_owned())))
        .collect::<Option<_>>()?;
    Some(Api {
        audience: issuer.as_str().parse().ok()?,
        name: "Keywright admin API".to_owned(),
        scopes,
        access_lifetime: Period::minutes(5),
        algorithm,
        claims: ClaimsPolicy::default(),
        details: DetailTypes::default(),
        created_at: now,
    })
}
