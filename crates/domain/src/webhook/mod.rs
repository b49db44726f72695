//! What a receiver outside is told at once: anomalies, each queued in the transaction of its audit entry, signed by the
//! Standard Webhooks convention, and tried again for a day.

mod deliver;
mod notice;
mod signature;

pub use deliver::Delivery;
pub use notice::{Notice, NoticeId};
pub use signature::{MalformedWebhookSecret, WebhookSecret};
