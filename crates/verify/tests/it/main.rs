//! One binary for all integration tests; the tree follows what is tested.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[cfg(feature = "axum")]
mod axum;
mod cache;
mod certificate;
mod counters;
#[cfg(feature = "fetch")]
mod feed;
mod key_source;
mod keys;
#[cfg(feature = "fetch")]
mod outages;
mod policy;
mod possession;
#[cfg(feature = "fetch")]
mod remote;
#[cfg(feature = "fetch")]
mod remote_status;
mod replay;
mod security_event;
#[cfg(feature = "fetch")]
mod site;
mod status_list;
mod status_list_edges;
mod support;
#[cfg(feature = "axum")]
mod tower;
