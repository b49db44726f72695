//! Status lists (IETF Token Status List): one entry for each session and each client, by which any of their tokens is killed.
//!
//! An entry is named by a [`StatusRef`] and never given out twice, so that a mark can only ever mean the tokens that it was made
//! for. What is marked rests in the store for as long as a token lives that names it; each node holds all lists in
//! memory ([`Book`]), follows the feed's log to keep them current, and signs them. Who marks is the use case that causes
//! it, in its own transaction.

mod block;
mod book;
mod concern;
mod entry;
mod follow;
mod permutation;
mod publish;
mod room;
mod stale;

pub use block::Block;
pub use book::Book;
pub use concern::Concern;
pub(crate) use concern::narrowed;
pub use entry::{BLOCK, ENTRIES, INDEX_BITS, StatusRef, mark_ends};
pub use permutation::Permutation;
pub use publish::StatusListToken;
pub(crate) use room::StatusRoom;
