//! Driven by the route table: an endpoint that is added is covered, or these fail.

mod authorization;
mod bad_input;
mod schema;
