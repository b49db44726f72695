//! Whom the operator trusts.

use std::collections::BTreeSet;
use std::sync::Arc;

use keywright_jwt::{Algorithm, JwkSet, VerifyingKey};

use crate::client::ClientId;

#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// Its `iss`, to the letter.
    pub issuer: String,
    /// What `aud` of its tokens names. `None`: they have none, and one that has is for somebody else.
    pub audience: Option<String>,
    pub keys: TrustedKeys,
    pub naming: Naming,
    /// The clients that may bring its tokens.
    pub clients: BTreeSet<ClientId>,
}

/// What its signatures are checked with, and the one algorithm of each key: a header chooses nothing (RFC 8725 §3.1).
#[derive(Clone, Debug)]
pub enum TrustedKeys {
    Set(Algorithm, Arc<JwkSet>),
    /// An address, from which they are fetched.
    Published(Algorithm, String),
    Secret(VerifyingKey),
}

/// How its tokens name a person who has an account here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The claim, such as `sub`.
    pub claim: String,
    pub by: NamedBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// The id of the account here.
    Id,
    /// Proved there and proved here: whoever registers somebody's address here without proving it is not that person.
    Email,
    Username,
}
