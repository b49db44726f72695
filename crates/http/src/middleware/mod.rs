//! What every request passes, whatever it asks for. [`stack`](fn@stack) puts all of it around a router, in one order, with the
//! reasons.
//!
//! Owns nothing of the product but the defaults of [`StackConfig`]: it works on any axum router. Who may do what is decided by
//! the routes and the domain. Nothing here reads `Host` or `:authority`, and nothing behind it should: a link that is built from
//! them is a link that the client chose.

mod address_range;
mod arrival;
mod body;
mod client_address;
mod client_certificate;
mod exchange;
mod fallback;
mod outcome;
mod proxies_handle;
mod request_id;
mod security_headers;
mod stack;

pub use address_range::{AddressRange, MalformedAddressRange};
pub use arrival::Arrival;
pub use client_address::{ForwardedBy, TrustedProxies};
pub use exchange::ACCESS_LOG;
pub use proxies_handle::ProxiesHandle;
pub use request_id::RequestId;
pub use stack::{StackConfig, stack};

#[cfg(test)]
mod tests;
