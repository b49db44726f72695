//! Every SQL statement of Keywright and nothing else: the ports of `keywright-domain` on SQLite and on PostgreSQL.
//!
//! SQL is written once. An operation is a function over [`engine::Tx`], and two engines run it:
//!
//! | | SQLite | PostgreSQL |
//! |---|---|---|
//! | a write | shipped to the one writer thread, which commits many of them at once | a pooled connection, a transaction |
//! | a point read | inline, on a read-only connection of the calling thread | a pooled connection |
//! | a scan | a small pool of threads | a pooled connection |
//!
//! `dialect.rs` holds every word in which the two differ. Rules are `domain`'s: where one depends on what is stored
//! ([`decide`](keywright_domain::session::rotation::decide)), it is called here on what was read, and a guarded write makes it atomic.

#[macro_use]
mod statement;
#[macro_use]
mod columns;

mod assertions;
mod audit;
mod authorizations;
mod catalogs;
mod chains;
mod clients;
mod config;
mod devices;
mod dialect;
mod dynamic_clients;
mod effects;
mod engine;
mod fault;
mod feed;
mod keys;
mod ledger;
mod logins;
mod migrate;
mod notices;
mod open;
mod outbox;
mod pushed_requests;
mod sessions;
mod status;
mod store;
mod upkeep;
mod users;
mod verifiers;

pub use config::StoreConfig;
pub use engine::{TlsError, UrlError};
pub use migrate::MigrateError;
pub use open::OpenError;
pub use store::{Plan, Store};
