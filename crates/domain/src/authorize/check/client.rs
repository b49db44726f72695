//! `client_id`: who asks (RFC 6749 §4.1.1).

use crate::authorize::Parameters;
use crate::client::{Client, ClientId};

/// The client that the request names, once and in a spelling that some client could have.
pub fn client_id(parameters: &Parameters) -> Option<ClientId> {
    parameters.value("client_id")?.parse().ok()
}

/// A disabled client is as unknown as none.
pub fn usable(client: Option<Client>) -> Option<Client> {
    client.filter(|client| !client.disabled)
}
