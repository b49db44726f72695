//! What verifiers must learn at once: ended sessions, stale roles, clients and keys. Events here; who writes them down is the
//! use case that causes them, and the store numbers them without gaps.

mod event;

pub use event::{Event, Kind, StatusEntry, StatusValue};
