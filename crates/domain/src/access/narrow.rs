//! What it means for tokens that are out when an API or a role grants less.

use std::sync::Arc;

use crate::access::{AccessError, Audience, Catalog, ScopeSet};
use crate::audit::Actor;
use crate::client::{Client, ClientId};
use crate::ports::Page;
use crate::status::Concern;
use crate::{Issuer, Unavailable};

/// Clients that are read at a time.
const PAGE: u32 = 200;

impl Issuer {
    /// The catalog as it is stored now: what another node changed a moment ago is no loss of this change.
    pub(super) async fn current_catalog(&self) -> Result<Arc<Catalog>, Unavailable> {
        self.refresh_catalog().await?;
        Ok(self.catalog())
    }

    /// Marks the sessions that could do more under `before`.
    pub(super) async fn narrow_sessions(&self, before: Arc<Catalog>) -> Result<(), AccessError> {
        let after = self.catalog();
        let concern = Concern::Catalog { before, after };
        Ok(self.mark_stale(&concern).await?)
    }

    /// Takes scopes that the API knows no more out of every client, whose own tokens become stale by it.
    pub(super) async fn narrow_clients(
        &self,
        before: &Catalog,
        audience: &Audience,
        actor: &Actor,
    ) -> Result<(), AccessError> {
        let of = |catalog: &Catalog| catalog.apis.get(audience).map(|api| api.scope_set());
        let known = of(&self.catalog()).unwrap_or_default();
        let gone = of(before).unwrap_or_default().without(&known);
        if gone.is_empty() {
            return Ok(());
        }
        self.change_clients(actor, |client| {
            let allowed = client.allowed.get_mut(audience)?;
            let left = allowed.without(&gone);
            (left != *allowed).then(|| *allowed = left)
        })
        .await
    }

    /// Takes an API away from every client, before it is deleted: interrupted in between, there is an API that some may not use.
    pub(super) async fn withdraw_api(
        &self,
        audience: &Audience,
        actor: &Actor,
    ) -> Result<(), AccessError> {
        if !self.catalog().apis.contains_key(audience) {
            return Err(AccessError::UnknownApi);
        }
        self.change_clients(actor, |client| {
            let had: Option<ScopeSet> = client.allowed.remove(audience);
            had.map(drop)
        })
        .await
    }

    /// Saves each client that `change` answers `Some` for.
    async fn change_clients(
        &self,
        actor: &Actor,
        mut change: impl FnMut(&mut Client) -> Option<()>,
    ) -> Result<(), AccessError> {
        let mut after: Option<ClientId> = None;
        loop {
            let page = Page { after, limit: PAGE };
            let clients = self.outside.store.clients(page).await?;
            let Some(last) = clients.last().map(|client| client.id.clone()) else {
                return Ok(());
            };
            for mut client in clients {
                if change(&mut client).is_some() {
                    // One that is gone meanwhile has no tokens to mark.
                    self.save_client(&client, actor, "scopes").await?;
                }
            }
            after = Some(last);
        }
    }
}
