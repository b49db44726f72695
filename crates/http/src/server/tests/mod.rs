//! Real sockets, short limits.

mod caps;
mod drain;
mod kit;
mod panic;
mod stall;
mod tls;
