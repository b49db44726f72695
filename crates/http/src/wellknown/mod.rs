//! What anybody may read to find their way: discovery and the key set. Needs no database.

mod discovery;
mod jwks;

use bytes::Bytes;
use keywright_domain::IssuerUrl;
use keywright_domain::keys::Jwks;

pub use discovery::{Metadata, serve_authorization_server, serve_openid_configuration};
pub use jwks::{KeySet, serve_jwks};

use crate::derived::Derived;
use jwks::ServedJwks;

/// Documents as bytes: nothing is serialised for a request.
pub struct Published {
    metadata: Bytes,
    jwks: Derived<Jwks, ServedJwks>,
}

impl Published {
    /// The issuer URL cannot change while the process lives, so its metadata does not either.
    pub fn new(issuer: &IssuerUrl) -> Self {
        Self {
            metadata: Metadata::of(issuer).to_bytes(),
            jwks: Derived::new(),
        }
    }
}
