//! The real world behind the domain's ports: clock, randomness, password hashing, mail. Storage and custody are crates of
//! their own.

mod clock;
mod entropy;
mod hash_pool;
pub mod mail;
mod timed_custody;

pub use clock::SystemClock;
pub use entropy::SystemEntropy;
pub use hash_pool::{HashPool, PoolSize};
pub use timed_custody::{SigningTimes, TimedCustody};
