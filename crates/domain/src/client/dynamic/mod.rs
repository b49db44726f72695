//! Clients that speak for themselves: they register (RFC 7591) and manage what they registered (RFC 7592), or publish a document under the
//! address that is their id; and they are forgotten when nobody uses them.
//!
//! They are strangers. What a stranger may have at most is the operator's [`SelfRegistration`]; people are always asked
//! for their consent to it.

mod admit;
mod document;
mod forget;
mod initial_access;
mod manage;
mod metadata;
mod register;
mod sector;

use crate::Time;
use crate::client::{Client, ClientId};
use crate::secret::HashedSecret;
use crate::status::StatusRef;

pub use admit::MetadataRefused;
pub(crate) use admit::is_invisible;
pub use document::ClientDocumentError;
pub use initial_access::{InitialAccess, InitialAccessError, NewInitialAccess};
pub use manage::{ManageClientError, ReplaceRegistration};
pub use metadata::ClientMetadata;
pub use register::{RegisterClient, RegisterClientError, RegisteredClient};

/// What is kept of a client that no operator made, beside the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamicClient {
    pub client: ClientId,
    pub provenance: Provenance,
    /// When it was last seen to have a living session, or when it came.
    pub used_at: Time,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// It registered itself, and manages what it registered by this token (RFC 7592 §3).
    Registered { access_token: HashedSecret },
    /// Its id is the address of its metadata, which are looked up again from this time on.
    Document { fresh_until: Time },
}

/// A client as the document describes it that is published under its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadDocument {
    pub client: Client,
    pub fresh_until: Time,
    /// For its own tokens, should a change need another; it has none.
    pub entry: StatusRef,
    pub at: Time,
}
