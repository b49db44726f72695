//! A signed message as followers read it.

use std::sync::Arc;

use crate::Time;

/// One block of an event stream (WHATWG HTML §9.2.5). It is written here and not at the door, so that it exists once, however
/// many follow.
#[derive(Clone, Debug)]
pub struct Message {
    pub position: u64,
    /// The key that signed it.
    pub kid: String,
    pub signed_at: Time,
    pub block: Arc<[u8]>,
}

/// What the stream calls a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Set,
    Snapshot,
    /// Has no id: a follower that resumes names the last event that it applied.
    Heartbeat,
}

/// A compact JWS; it has no line break.
pub(super) struct Signed<'a> {
    pub text: &'a str,
    pub kid: &'a str,
    pub at: Time,
}

impl Message {
    pub(super) fn new(name: Name, position: u64, token: &Signed<'_>) -> Self {
        let text = token.text;
        let block = match name {
            Name::Set => format!("id: {position}\nevent: set\ndata: {text}\n\n"),
            Name::Snapshot => format!("id: {position}\nevent: snapshot\ndata: {text}\n\n"),
            Name::Heartbeat => format!("event: heartbeat\ndata: {text}\n\n"),
        };
        Self {
            position,
            kid: token.kid.to_owned(),
            signed_at: token.at,
            block: block.into_bytes().into(),
        }
    }
}
