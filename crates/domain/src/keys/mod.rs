//! Signing keys: their states, their schedule, what verifiers are served, and what an emergency does.
//!
//! The rule that everything here serves: **a key never signs before it has been served in JWKS for at least the max-age that
//! JWKS advertises**, because a verifier may hold the older answer for that long. The first keys of a fresh issuer
//! are the exception: nobody can have cached another. [`schedule::plan`] and the operator's [`order`]s are pure; the use cases in
//! `manage.rs` carry them out. Before a key takes over, [`gate`] asks for evidence that it is known.
//!
//! Server keys ([`MacKey`]) sign nothing that leaves as a JWT: they derive refresh tokens, links and the secrets that clients sign with, and key the audit chain.

mod evidence;
mod export;
pub mod gate;
mod jwks;
mod lend;
mod mac;
mod manage;
pub mod order;
mod record;
pub(crate) mod reseal;
mod ring;
pub mod schedule;
mod tick;

pub(crate) use evidence::GateState;
pub use evidence::HoldNews;
pub use export::SharedKey;
pub use gate::{Doubt, Gate};
pub use jwks::Jwks;
/// The shapes of keys at rest, for rooms that store them and know no JOSE.
pub use keywright_jwt::{Algorithm, Jwk};
pub use lend::{DrillSigner, LendError, NotLent};
pub(crate) use mac::MacKeys;
pub use mac::{MacKey, ServerKey, ServerKeyPurpose};
pub use manage::{KeyError, KeySummary};
pub use record::{KeyRecord, KeyState, RingId};
pub use ring::{KeyRing, NoSigningKey};
pub use schedule::{CheckedBy, Wanted};
pub use tick::TickError;
