//! The real world behind the domain's ports: clock, randomness, password hashing, mail, the issuer's own public URL. Storage and custody are crates of
//! their own.

mod clock;
mod entropy;
mod hash_pool;
pub mod mail;
mod public_url;
mod timed_custody;

pub use clock::SystemClock;
pub use entropy::SystemEntropy;
pub use hash_pool::{HashPool, PoolSize};
pub use public_url::PublicUrl;
pub use timed_custody::{SigningTimes, TimedCustody};
