//! Pages in a real browser, of the real binary.

mod login;
mod looks;
