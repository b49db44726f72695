//! The rules of the product, driven through time without the product: a simulation of refresh in `refresh/`, and in `tests/`
//! models of key and session life that a checker walks through every order of events.
//!
//! Both call the functions that the server calls; nothing here decides in their place.

pub mod refresh;
pub mod standing;
