//! Clients that no operator made, at rest.

use crate::audit::Effects;
use crate::client::dynamic::{DynamicClient, InitialAccess, ReadDocument};
use crate::client::{Client, ClientId};
use crate::ports::Answer;
use crate::{InitialAccessId, Time};

/// What a registration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAdded {
    Yes,
    /// The initial access is spent, has expired or was revoked.
    NoAdmission,
}

pub trait DynamicClients: Send + Sync {
    /// Inserts the client and spends one use of the initial access, if one is named: of a hundred that present its last use, one
    /// registers.
    fn register_client<'a>(
        &'a self,
        client: &'a Client,
        registered: &'a DynamicClient,
        admission: Option<InitialAccessId>,
        effects: &'a Effects,
    ) -> Answer<'a, ClientAdded>;
    fn dynamic_client<'a>(
        &'a self,
        id: &'a ClientId,
    ) -> Answer<'a, Option<(DynamicClient, Client)>>;
    /// Inserts a client whose document was read, or takes over what it says now; false if the id is a client's that another way made.
    fn keep_document<'a>(
        &'a self,
        read: &'a ReadDocument,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Notes of each that has a living session that it is in use now.
    fn note_used_clients(&self, now: Time) -> Answer<'_, ()>;
    /// Those that were last in use before `before`.
    fn unused_clients(&self, before: Time, limit: u32) -> Answer<'_, Vec<ClientId>>;

    fn grant_initial_access<'a>(
        &'a self,
        access: &'a InitialAccess,
        effects: &'a Effects,
    ) -> Answer<'a, ()>;
    /// One that can still be used.
    fn initial_access(&self, id: InitialAccessId, now: Time) -> Answer<'_, Option<InitialAccess>>;
    /// All that can still be used, oldest first.
    fn initial_accesses(&self, now: Time) -> Answer<'_, Vec<InitialAccess>>;
    /// False if there is none.
    fn revoke_initial_access<'a>(
        &'a self,
        id: InitialAccessId,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
}
