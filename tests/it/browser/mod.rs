//! Pages in a real browser, of the real binary.

mod authorize;
mod console;
mod login;
mod looks;
