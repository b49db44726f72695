//! Logging out at a client's wish (OpenID Connect RP-Initiated Logout 1.0), and telling clients that somebody has.
//!
//! | file | owns |
//! |---|---|
//! | `request.rs` | what the request says, and which of it is refused |
//! | `logout.rs` | from the request to the end of the login, or to a page that asks first |
//! | `ticket.rs` | a request that waits for the person, sealed into the page |
//! | `farewell.rs` | what a client is told: whose login, and which session of its |
//! | `back_channel.rs` | the logout token, from server to server |
//! | `front_channel.rs` | what the logged-out page loads |
//!
//! What ends with a login is `login`'s; the ID token that comes back is read in `openid`.

mod back_channel;
mod farewell;
mod front_channel;
#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod logout;
mod request;
mod ticket;

pub use farewell::Farewell;
pub use front_channel::FrontChannel;
pub use logout::{LoggedOut, Logout, LogoutAsked, LogoutError};
pub use request::{LogoutRefused, WayBack};
