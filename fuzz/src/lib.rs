//! What is fuzzed, and what has to hold for every input: more than not to panic.
//!
//! These functions are built twice: instrumented, for the long run (README.md beside this folder), and as part of an
//! ordinary test of keywright-verify, for the short one.

pub mod claims;
pub mod dpop;
pub mod dpop_proof;
pub mod event_stream;
pub mod header;
pub mod jwk_set;
pub mod security_event;
pub mod status_list;
pub mod token;

mod issuer;

/// A target: panics when a promise is broken, and says whether the input was accepted.
pub type Target = fn(&[u8]) -> bool;

/// Every target by name, as in `corpus/`.
pub const TARGETS: &[(&str, Target)] = &[
    ("claims", claims::run),
    ("dpop", dpop::run),
    ("dpop_proof", dpop_proof::run),
    ("event_stream", event_stream::run),
    ("header", header::run),
    ("jwk_set", jwk_set::run),
    ("security_event", security_event::run),
    ("status_list", status_list::run),
    ("token", token::run),
];
