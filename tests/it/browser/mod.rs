//! Pages in a real browser, of the real binary.

mod authorize;
mod login;
mod looks;
