//! Real sockets, short limits.

mod caps;
mod client_certificates;
mod drain;
mod kit;
mod panic;
mod stall;
mod tls;
