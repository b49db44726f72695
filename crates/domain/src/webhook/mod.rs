//! What somebody outside is told at once: the receiver of the webhook of anomalies, signed by the Standard Webhooks convention, and
//! clients of the end of a login. Each notice is queued in the transaction of its cause and tried again for a day.
//!
//! What clients are told is made in `logout`.

mod deliver;
mod notice;
mod signature;

pub use deliver::Delivery;
pub use notice::{Addressee, Notice, NoticeId};
pub use signature::{MalformedWebhookSecret, WebhookSecret};
