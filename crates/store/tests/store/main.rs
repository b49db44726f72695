//! One suite for both engines: what each port promises, what races may come to, and what a kill may cost.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[macro_use]
mod kit;

mod assertions;
mod audit;
mod authorizations;
mod catalogs;
mod clients;
mod devices;
mod durability;
mod dynamic_clients;
mod keys;
mod ledger;
mod links;
mod logins;
mod migrations;
mod notices;
mod outage;
mod outbox;
mod plans;
mod pushed_requests;
mod races;
mod refresh;
mod sessions;
mod shared_file;
mod tls;
mod upkeep;
mod users;
mod verifiers;
