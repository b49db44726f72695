//! What a login is.

use std::net::IpAddr;

use crate::secret::HashedSecret;
use crate::{LoginId, Time, UserId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub id: LoginId,
    pub user: UserId,
    /// Of the cookie's value.
    pub secret: HashedSecret,
    /// RFC 8176 method references.
    pub amr: Vec<String>,
    /// When the user proved who they are.
    pub authenticated_at: Time,
    /// Nothing pushes this.
    pub expires_at: Time,
    pub ended: Option<Time>,
    /// The user agent, cut short.
    pub device: Option<String>,
    pub address: Option<IpAddr>,
    pub created_at: Time,
}
