//! The stack around a small router, called in process.

mod kit;
mod log;
mod refusals;
mod requests;
