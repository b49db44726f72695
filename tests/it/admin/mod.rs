//! The admin API.

mod apis;
mod audit;
mod clients;
mod keys;
mod roles;
mod sessions;
mod tokens;
mod users;
