//! A request that its client has pushed (RFC 9126): it waits for a browser under a name that only the client and the person know.

use crate::authorize::Parameters;
use crate::client::ClientId;
use crate::keys::MacKey;
use crate::one_time::OneTime;
use crate::secret::PlainSecret;
use crate::{Period, Time};

/// RFC 9126 §2.2.
pub(super) const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

const URI: OneTime<'static> = OneTime {
    prefix: PREFIX,
    purpose: &[b"pushed request"],
};

/// How long the browser may take to arrive (FAPI 2.0 Security Profile §5.3.2.2: less than 600 seconds).
pub(super) const LIFETIME: Period = Period::secs(60);

/// 128 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PushedId(pub [u8; 16]);

/// Checked when it was pushed, and checked again when it is used: its client may have changed meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct PushedRequest {
    pub id: PushedId,
    pub client: ClientId,
    pub parameters: Parameters,
    pub expires_at: Time,
}

impl PushedId {
    pub(super) fn uri(&self, key: &MacKey) -> String {
        URI.token(&self.0, key).expose().to_owned()
    }

    pub(super) fn of_uri(uri: &str, key: &MacKey) -> Option<Self> {
        URI.id_of(&PlainSecret::new(uri), key).map(Self)
    }
}
