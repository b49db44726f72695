//! Real sockets, short limits.

mod caps;
mod drain;
mod kit;
mod stall;
mod tls;
