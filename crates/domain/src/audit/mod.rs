//! Security events, and the hash chain that proves that none was edited, removed or reordered.
//!
//! An [`Event`] is written in the same transaction as its cause ([`Effects`]); the store links it into its chain with
//! [`ChainKey`]. Reading and proving is [`verify`].

mod chain;
mod event;
mod verify;

pub use chain::{ChainKey, Entry, Hash, Head};
pub use event::{Actor, Effects, Event, EventKind, Origin};
pub use verify::{BrokenChain, ChainCheck, ChainReport};
