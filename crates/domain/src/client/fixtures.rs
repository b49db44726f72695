//! A client for tests to start from.

use crate::Time;
use crate::client::{Client, ClientKind};

/// Confidential, and nothing else.
pub(crate) fn client(id: &str) -> Client {
    Client {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        kind: ClientKind::Confidential,
        secret: None,
        grants: Default::default(),
        allowed: Default::default(),
        default_audience: None,
        disabled: false,
        created_at: Time::from_secs(0),
        registration: Default::default(),
        status: None,
    }
}
