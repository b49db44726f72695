//! The attack catalogue's second part: status list tokens (`tests/attacks/status_list.json`), DPoP proofs
//! (`tests/attacks/dpop.json`) and tokens bound to a key (`tests/attacks/binding.json`), as data like the first.
//!
//! `cargo test -p keywright-verify --test presented -- --ignored` writes the files anew; Ed25519 and a fixed key make
//! them the same each time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binding;
mod case;
mod dpop;
mod forge;
mod status_list;
