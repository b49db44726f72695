//! The attack catalogue's second part: status list tokens (`tests/attacks/status_list.json`) and DPoP proofs
//! (`tests/attacks/dpop.json`), as data like the first.
//!
//! `cargo test -p keywright-verify --test presented -- --ignored` writes the files anew; Ed25519 and a fixed key make
//! them the same each time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod case;
mod dpop;
mod forge;
mod status_list;
