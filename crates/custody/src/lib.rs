//! Where private keys rest and sign. One file per kind of custody, each an implementation of
//! [`domain::ports::Custody`](keywright_domain::ports::Custody); the app chooses one from the configuration.
//!
//! | file | keys rest | keys sign |
//! |---|---|---|
//! | `sealed.rs` | in the database, sealed under a master key | in this process |
//!
//! What it does not own: when a key is generated, published or retired (`domain::keys`), and where sealed bytes are
//! stored (the store). Nothing in here reads the process environment; the app does, once.

mod envelope;
mod master;
mod sealed;

pub use master::{MasterKey, MasterKeyError};
pub use sealed::SealedCustody;
