//! The real world behind the domain's ports: clock, randomness, password hashing, mail, the issuer's own
//! public URL, the webhook's receiver, places of addresses, documents of clients. Storage and custody are crates of
//! their own.

mod clock;
mod documents;
mod entropy;
mod geoip;
mod hash_pool;
pub mod mail;
mod off_workers;
mod public_url;
mod timed_custody;
mod webhook;

pub use clock::SystemClock;
pub use documents::{PublishedDocuments, Reach};
pub use entropy::SystemEntropy;
pub use geoip::{Atlas, Geoip};
pub use hash_pool::{HashPool, PoolSize};
pub use off_workers::{OffWorkers, off_workers};
pub use public_url::PublicUrl;
pub use timed_custody::{SigningTimes, TimedCustody};
pub use webhook::{Receiver, Webhook};
