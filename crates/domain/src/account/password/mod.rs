//! Passwords: what is strong enough, how they are hashed, and how foreign hashes are checked until the next login
//! upgrades them.
//!
//! Everything here is pure and slow on purpose; [`crate::ports::Passwords`] runs it on a bounded pool.

mod foreign;
mod hash;
mod strength;

pub use hash::{HashCost, HashFailed, Hasher, MalformedHash, PasswordCheck, PasswordHash};
pub use strength::{LONGEST, WeakPassword, check_strength};
