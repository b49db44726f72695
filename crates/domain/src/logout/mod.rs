//! Logging out at a client's wish (OpenID Connect RP-Initiated Logout 1.0).
//!
//! | file | owns |
//! |---|---|
//! | `request.rs` | what the request says, and which of it is refused |
//! | `logout.rs` | from the request to the end of the login, or to a page that asks first |
//! | `ticket.rs` | a request that waits for the person, sealed into the page |
//!
//! What ends with a login is `login`'s; the ID token that comes back is read in `openid`.

#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod logout;
mod request;
mod ticket;

pub use logout::{LoggedOut, Logout, LogoutAsked, LogoutError};
pub use request::{LogoutRefused, WayBack};
