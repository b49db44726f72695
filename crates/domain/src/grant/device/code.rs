//! A device's request, as it is stored while the device asks and a person decides.
//!
//! The device code is `kwd_` + base64url( id · MAC ); the database holds the id alone.

use serde::{Deserialize, Serialize};

use crate::access::{Audience, AuthorizationDetails, ScopeSet};
use crate::client::ClientId;
use crate::grant::device::UserCodeId;
use crate::keys::MacKey;
use crate::one_time::OneTime;
use crate::secret::PlainSecret;
use crate::{LoginId, Period, Time, UserId};

const DEVICE: OneTime<'static> = OneTime {
    prefix: "kwd_",
    purpose: &[b"device"],
};

/// 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceCodeId(pub [u8; 16]);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    pub id: DeviceCodeId,
    pub user_code: UserCodeId,
    pub client: ClientId,
    pub audience: Audience,
    pub scope: ScopeSet,
    pub openid: ScopeSet,
    pub details: AuthorizationDetails,
    pub created_at: Time,
    pub expires_at: Time,
    pub state: DeviceState,
    /// How far apart the device's questions have to be (RFC 8628 §3.5); it grows with each that comes too early.
    pub interval: Period,
    /// The last one that was answered.
    pub polled_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody has decided.
    Pending,
    Denied,
    Allowed(Approval),
}

/// Who let the device in, and how they had proved who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub user: UserId,
    /// The account's, when it was given: a password that is changed afterwards takes it back.
    pub epoch: i64,
    /// The browser's: a logout takes back what no device has fetched yet.
    pub login: LoginId,
    pub authenticated_at: Time,
    pub amr: Vec<String>,
}

impl DeviceCodeId {
    pub(super) fn token(self, key: &MacKey) -> PlainSecret {
        DEVICE.token(&self.0, key)
    }

    pub(super) fn from_token(token: &PlainSecret, key: &MacKey) -> Option<Self> {
        DEVICE.id_of(token, key).map(Self)
    }
}
