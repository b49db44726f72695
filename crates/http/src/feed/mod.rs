//! The feed on the wire: signed events as server-sent events, and what verifiers report back.
//!
//! A follower is a response body that waits for news and then asks the issuer what comes after its position. It holds no queue:
//! one that does not read falls behind in the issuer's log, and is cut by the server when nothing moves on its connection.

mod follow;
mod followers;
mod report;
mod stream;

pub use follow::{EventStream, follow_feed};
pub use followers::Followers;
pub use report::{FleetReport, take_report};
