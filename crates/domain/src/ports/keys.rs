//! Signing keys and server keys at rest, sealed.

use crate::audit::Effects;
use crate::keys::{KeyRecord, ServerKey};
use crate::ports::Answer;
use crate::secret::Sealed;

/// All keys, with the version of the set that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct KeysRead {
    pub version: i64,
    pub keys: Vec<KeyRecord>,
}

pub trait Keys: Send + Sync {
    /// All signing keys that are not retired, and those retired or revoked lately enough to be shown.
    fn signing_keys(&self) -> Answer<'_, KeysRead>;
    /// Inserts or replaces `changed`, if the set is still at `version`, and raises it. False if another node or an operator
    /// was first: read again and plan again.
    fn change_keys<'a>(
        &'a self,
        version: i64,
        changed: &'a [KeyRecord],
        effects: &'a Effects,
    ) -> Answer<'a, bool>;

    fn server_keys(&self) -> Answer<'_, Vec<ServerKey>>;
    /// Inserts the key unless its purpose and version exist already (another node was first).
    fn add_server_key<'a>(&'a self, key: &'a ServerKey) -> Answer<'a, ()>;
    /// Seals `key` anew, if it is still sealed as it says (another node was first).
    fn reseal_server_key<'a>(&'a self, key: &'a ServerKey, sealed: &'a Sealed) -> Answer<'a, ()>;
}
