//! What an issuer pushes to those who verify its tokens: a stream of signed security events (RFC 8417), numbered without
//! gaps. Here are the parts that need no network; `remote::RemoteFeed` puts them together over HTTP.
//!
//! Only what is signed is believed. The names and ids of the stream around the events are for people who look at it.

mod event;
#[cfg(feature = "fetch")]
mod progress;
mod stream;

pub use event::{EventError, EventKind, ExpectedEvent, SecurityEvent};
pub use stream::{EventStream, Message, StreamError};

#[cfg(feature = "fetch")]
pub(crate) use progress::{Progress, Step};
