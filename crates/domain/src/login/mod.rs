//! A person's login in one browser: what its cookie stands for, and what single sign-on goes by. Several clients' sessions may
//! come from one login; what each client has of it is `session`'s.
//!
//! Also the proof that a form was sent from a page of ours in this browser (`form.rs`).

mod account;
mod cookie;
mod form;
mod log_in;
mod log_out;
#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod login;

pub use account::Overview;
pub use form::FormToken;
pub use log_in::LogInBrowser;
pub use login::Login;
