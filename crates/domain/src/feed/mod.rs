//! What verifiers must learn at once: ended sessions, stale roles, clients, keys.
//!
//! Owns the events, their signed form (RFC 8417) and the log of the latest that this node holds in memory, from which all
//! followers are served: with the database down it goes on. Who writes an event down is the use case that causes it; the
//! store numbers them without gaps; `Issuer::publish` takes them from there into the log, in order.

mod event;
mod follow;
mod follower;
mod log;
mod message;
mod set;

pub use event::{Event, Kind, StatusEntry, StatusValue, UnknownStatus};
pub use follow::FeedError;
pub(crate) use follower::KnownClients;
pub use follower::{FOLLOW, Follower};
pub use log::Feed;
pub use message::Message;
