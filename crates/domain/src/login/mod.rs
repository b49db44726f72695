//! A person's login in one browser: several clients' sessions may come from it (single sign-on).

#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod login;

pub use login::Login;
