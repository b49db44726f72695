//! Clients at rest.

use crate::Time;
use crate::audit::Effects;
use crate::client::{Client, ClientId};
use crate::ports::{Answer, Inserted, Page};

pub trait Clients: Send + Sync {
    fn client<'a>(&'a self, id: &'a ClientId) -> Answer<'a, Option<Client>>;
    fn clients(&self, page: Page<ClientId>) -> Answer<'_, Vec<Client>>;
    fn insert_client<'a>(
        &'a self,
        client: &'a Client,
        effects: &'a Effects,
    ) -> Answer<'a, Inserted>;
    /// Replaces the client; disabling it ends its sessions. False if there is none.
    fn update_client<'a>(
        &'a self,
        client: &'a Client,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Deletes the client and ends its sessions.
    fn delete_client<'a>(
        &'a self,
        id: &'a ClientId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
}
