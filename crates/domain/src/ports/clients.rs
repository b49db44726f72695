//! Clients at rest.

use crate::Time;
use crate::audit::Effects;
use crate::client::{Client, ClientId};
use crate::ports::{Answer, Inserted, Page};
use crate::status::StatusRef;

/// A write that changes a client that is there, or what clients are answered with signatures of, raises the catalog's version.
pub trait Clients: Send + Sync {
    fn client<'a>(&'a self, id: &'a ClientId) -> Answer<'a, Option<Client>>;
    fn clients(&self, page: Page<ClientId>) -> Answer<'_, Vec<Client>>;
    fn insert_client<'a>(
        &'a self,
        client: &'a Client,
        effects: &'a Effects,
    ) -> Answer<'a, Inserted>;
    /// Replaces the client; disabling it ends its sessions, many of them in further writes. What it means for its own tokens is decided by
    /// [`reflect`](crate::client::reflect) on what is stored. False if there is none.
    fn update_client<'a>(
        &'a self,
        client: &'a Client,
        fresh: StatusRef,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Revokes the tokens that the client has of its own; those to come are under `fresh`. False if there is none.
    fn revoke_own_tokens<'a>(
        &'a self,
        id: &'a ClientId,
        fresh: StatusRef,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Deletes the client, and ends its sessions and its own tokens. One with many sessions is disabled while they end.
    fn delete_client<'a>(
        &'a self,
        id: &'a ClientId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
}
