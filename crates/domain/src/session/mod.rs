//! One login on one device: it owns one refresh-token family, and ends by logout, theft, disabling or age.
//!
//! The rule of rotation is [`rotation::decide`]: pure, proved by table and by property tests, run by the store inside the
//! guarded write. Who may open a session is `account::login`'s matter.

mod anomaly;
mod logout;
mod manage;
mod open;
mod refresh;
mod refresh_token;
pub mod rotation;
#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod session;
mod user_agent;

pub use anomaly::{
    Anomaly, AnomalyReason, AnomalyResponse, AnomalyRules, Country, Place, Position, Seen, Travel,
};
pub use logout::{CallError, Caller, LogOutError};
pub(crate) use open::Opening;
pub(crate) use refresh::Asked;
pub use refresh::{Refresh, RefreshError, Refreshed};
pub use refresh_token::{MalformedRefreshToken, RefreshToken};
pub use session::{EndReason, Ended, Family, Session, Standing};
pub use user_agent::device_name;
