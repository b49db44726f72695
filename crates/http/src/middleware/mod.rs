//! What every request passes, whatever it asks for. [`stack`] holds all of it in order, with the reasons.
//!
//! Owns nothing of the product: it works on any axum router. Who may do what is decided by the routes and the domain.

mod address_range;
mod arrival;
mod client_address;
mod request_id;

pub use address_range::{AddressRange, MalformedAddressRange};
pub use arrival::Arrival;
pub use client_address::{ForwardedBy, TrustedProxies};
pub use request_id::RequestId;
