//! Changing APIs and roles. A change is in the next token of everybody, here at once and on other nodes within a second; of those
//! who lost something, the tokens of before are marked as stale (`narrow.rs`).

use crate::access::{Api, Audience, DetailTypeRefused, Role, RoleName, details};
use crate::audit::{Actor, Effects, Event, EventKind};
use crate::claims::Objection;
use crate::keys::TickError;
use crate::ports::CustodyError;
use crate::status::Concern;
use crate::{Issuer, Period, Unavailable};

/// Longer access tokens are refused: nobody could take them back in time.
pub(crate) const LONGEST_ACCESS: Period = Period::hours(1);
const SHORTEST_ACCESS: Period = Period::secs(10);

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("no such API")]
    UnknownApi,
    #[error("no such role")]
    UnknownRole,
    #[error("access tokens live between 10 seconds and one hour")]
    Lifetime,
    #[error("Keywright's own API cannot be deleted, and its scopes are fixed")]
    OwnApi,
    #[error(transparent)]
    Algorithm(CustodyError),
    #[error("the claims policy is refused: {}", listed(.0))]
    Claims(Vec<Objection>),
    #[error(transparent)]
    Details(#[from] DetailTypeRefused),
    #[error("there is no API `{0}`")]
    GrantOnUnknownApi(Audience),
    #[error("the API `{0}` has no scope `{1}`")]
    GrantOfUnknownScope(Audience, String),
    #[error(transparent)]
    Tick(#[from] TickError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Creates or replaces an API. A changed algorithm takes effect when verifiers know the new key; until then tokens are
    /// signed as before, so nothing fails in between.
    pub async fn put_api(&self, api: &Api, actor: &Actor) -> Result<(), AccessError> {
        if !(SHORTEST_ACCESS..=LONGEST_ACCESS).contains(&api.access_lifetime) {
            return Err(AccessError::Lifetime);
        }
        self.outside
            .custody
            .supports(api.algorithm)
            .map_err(AccessError::Algorithm)?;
        let objections = self.objections_to_claims(api);
        if !objections.is_empty() {
            return Err(AccessError::Claims(objections));
        }
        details::check(&api.details)?;
        if self.is_own(&api.audience)
            && self
                .catalog()
                .apis
                .get(&api.audience)
                .is_none_or(|own| own.scopes != api.scopes)
        {
            return Err(AccessError::OwnApi);
        }
        let before = self.current_catalog().await?;
        self.outside
            .store
            .put_api(
                api,
                &self.changed(EventKind::ApiChanged, actor, &api.audience),
            )
            .await?;
        self.tick().await?;
        self.narrow_clients(&before, &api.audience, actor).await?;
        self.narrow_sessions(before).await
    }

    /// What speaks against the claims policy of `api`. A policy that is stored passed once; the rules may have grown since.
    pub fn objections_to_claims(&self, api: &Api) -> Vec<Objection> {
        let issuer = &self.policy().issuer;
        api.claims
            .objections(issuer.as_str(), api.audience.as_str())
    }

    pub async fn delete_api(&self, audience: &Audience, actor: &Actor) -> Result<(), AccessError> {
        if self.is_own(audience) {
            return Err(AccessError::OwnApi);
        }
        let before = self.current_catalog().await?;
        let effects = self.changed(EventKind::ApiDeleted, actor, audience);
        self.withdraw_api(audience, actor).await?;
        if !self.outside.store.delete_api(audience, &effects).await? {
            return Err(AccessError::UnknownApi);
        }
        self.tick().await?;
        self.narrow_sessions(before).await
    }

    /// Creates or replaces a role.
    pub async fn put_role(&self, role: &Role, actor: &Actor) -> Result<(), AccessError> {
        let before = self.current_catalog().await?;
        for (audience, scopes) in &role.grants {
            let api = before
                .apis
                .get(audience)
                .ok_or_else(|| AccessError::GrantOnUnknownApi(audience.clone()))?;
            if let Some(stranger) = scopes.without(&api.scope_set()).iter().next() {
                return Err(AccessError::GrantOfUnknownScope(
                    audience.clone(),
                    stranger.to_owned(),
                ));
            }
        }
        self.outside
            .store
            .put_role(
                role,
                &self.changed(EventKind::RoleChanged, actor, &role.name),
            )
            .await?;
        self.tick().await?;
        self.narrow_sessions(before).await
    }

    pub async fn delete_role(&self, name: &RoleName, actor: &Actor) -> Result<(), AccessError> {
        let effects = self.changed(EventKind::RoleDeleted, actor, name);
        let bearers = self.outside.store.delete_role(name, &effects).await?;
        let bearers = bearers.ok_or(AccessError::UnknownRole)?;
        self.tick().await?;
        let concern = Concern::Users(bearers.into_iter().collect());
        Ok(self.mark_stale(&concern).await?)
    }

    fn is_own(&self, audience: &Audience) -> bool {
        self.policy().issuer.as_str() == audience.as_str()
    }

    fn changed(&self, kind: EventKind, actor: &Actor, what: impl std::fmt::Display) -> Effects {
        Event::new(kind, actor.clone(), self.now())
            .detail(what)
            .into()
    }
}

fn listed(objections: &[Objection]) -> String {
    let told: Vec<String> = objections.iter().map(ToString::to_string).collect();
    told.join("; ")
}
