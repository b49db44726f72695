//! What anybody may read to find their way: discovery and the key set. Needs no database.

mod discovery;
mod jwks;
mod openid;
mod protected_resource;

use bytes::Bytes;
use keywright_domain::Policy;
use keywright_domain::access::Catalog;
use keywright_domain::keys::Jwks;

pub use discovery::{Metadata, serve_authorization_server, serve_openid_configuration};
pub use jwks::{KeySet, serve_jwks};
pub use protected_resource::{PROTECTED_RESOURCE, ResourceMetadata, serve_protected_resource};

use crate::derived::Derived;
use jwks::ServedJwks;

/// Documents as bytes: nothing is serialised for a request.
pub struct Published {
    /// By the policy, and by the APIs of the moment.
    metadata: Derived<Policy, Derived<Catalog, Bytes>>,
    jwks: Derived<Jwks, ServedJwks>,
}

impl Published {
    pub const fn new() -> Self {
        Self {
            metadata: Derived::new(),
            jwks: Derived::new(),
        }
    }
}
