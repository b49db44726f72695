//! What the outside must provide. Ports speak intent and answer with an outcome, never get + save: where a decision
//! depends on what is stored, the pure decision lives in this crate and runs inside the store's guarded write.
//!
//! Every write takes the [`Effects`](crate::audit::Effects) of its cause (audit events, letters, links) and makes all of it durable in one transaction
//! before it answers.

mod assertions;
mod authorizations;
mod catalogs;
mod clients;
mod custody;
mod devices;
mod documents;
mod dynamic_clients;
mod entropy;
mod fleet;
mod keys;
mod ledger;
mod log;
mod logins;
mod passwords;
mod places;
mod probe;
mod pushed_requests;
mod sessions;
mod status;
mod users;
mod webhook;

use std::future::Future;
use std::pin::Pin;

pub use assertions::Assertions;
pub use authorizations::{Authorizations, CodeSpent, ConsentedClient};
pub use catalogs::Catalogs;
pub use clients::Clients;
pub use custody::{Custody, CustodyError, NewKey, SignError, Signer};
pub use devices::Devices;
pub use documents::Documents;
pub use dynamic_clients::{ClientAdded, DynamicClients};
pub(crate) use entropy::random;
pub use entropy::{Clock, Entropy};
pub use fleet::Fleet;
pub use keys::{Keys, KeysRead};
pub use ledger::Ledger;
pub use log::{AuditLog, AuditQuery, Outbox, Upkeep, Versions};
pub use logins::Logins;
pub use passwords::{Passwords, PasswordsError};
pub use places::{Nowhere, Places};
pub use probe::Probe;
pub use pushed_requests::PushedRequests;
pub use sessions::{EntriesOf, SessionQuery, Sessions};
pub use status::{Feed, FeedHead, StatusLists, StatusRead};
pub use users::{Inserted, Page, Redeemed, Registered, Users};
pub use webhook::{Message, Notices, Webhook};

/// A port's answer: boxed, so that ports are object-safe and `cargo check` stays quick.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unavailable>> + Send + 'a>>;

/// Something outside cannot answer now: the database is down, the queue is full, a deadline passed. Public text is constant
/// (503 with `Retry-After`); the detail is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is unavailable: {detail}")]
pub struct Unavailable {
    pub what: &'static str,
    pub detail: String,
}

impl Unavailable {
    pub fn new(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self {
            what,
            detail: detail.to_string(),
        }
    }
}

/// Everything that a store provides.
pub trait Store:
    Users
    + Logins
    + Sessions
    + Authorizations
    + Devices
    + Clients
    + DynamicClients
    + Assertions
    + PushedRequests
    + Catalogs
    + Keys
    + Fleet
    + Ledger
    + StatusLists
    + Feed
    + AuditLog
    + Outbox
    + Notices
    + Upkeep
{
}

impl<T> Store for T where
    T: Users
        + Logins
        + Sessions
        + Authorizations
        + Devices
        + Clients
        + DynamicClients
        + Assertions
        + PushedRequests
        + Catalogs
        + Keys
        + Fleet
        + Ledger
        + StatusLists
        + Feed
        + AuditLog
        + Outbox
        + Notices
        + Upkeep
{
}
