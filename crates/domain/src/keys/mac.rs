//! Symmetric keys that only this issuer uses.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;

use crate::Time;
use crate::secret::Sealed;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServerKeyPurpose {
    /// Derives refresh tokens. Versioned: a token names the version that made it.
    Refresh,
    /// Derives the tokens of one-time links.
    Link,
    /// Keys the audit chains.
    Audit,
    /// Names the ledger's classes.
    Ledger,
    /// Scatters the entries of status lists.
    Status,
    /// Seals authorization requests into pages.
    Ticket,
    /// Authenticates the nonces of DPoP proofs.
    Dpop,
    /// Makes the tokens of pages' forms.
    Browser,
    /// Makes pairwise subjects.
    Subject,
    /// Derives the secrets that clients sign with. Versioned: a client's row names the version that made its secret.
    ClientSecret,
}

/// A server key at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerKey {
    pub purpose: ServerKeyPurpose,
    pub version: u16,
    pub sealed: Sealed,
    pub created_at: Time,
}

/// An HMAC-SHA256 key in use.
pub struct MacKey {
    version: u16,
    key: hmac::Key,
}

/// Every version of a key: what was derived from an older one goes on working.
pub(crate) struct MacKeys {
    newest: Arc<MacKey>,
    older: Vec<Arc<MacKey>>,
}

impl ServerKeyPurpose {
    pub const ALL: [ServerKeyPurpose; 10] = [
        ServerKeyPurpose::Refresh,
        ServerKeyPurpose::Link,
        ServerKeyPurpose::Audit,
        ServerKeyPurpose::Ledger,
        ServerKeyPurpose::Status,
        ServerKeyPurpose::Dpop,
        ServerKeyPurpose::Ticket,
        ServerKeyPurpose::Browser,
        ServerKeyPurpose::Subject,
        ServerKeyPurpose::ClientSecret,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            ServerKeyPurpose::Refresh => "refresh",
            ServerKeyPurpose::Link => "link",
            ServerKeyPurpose::Audit => "audit",
            ServerKeyPurpose::Ledger => "ledger",
            ServerKeyPurpose::Status => "status",
            ServerKeyPurpose::Ticket => "ticket",
            ServerKeyPurpose::Dpop => "dpop",
            ServerKeyPurpose::Browser => "browser",
            ServerKeyPurpose::Subject => "subject",
            ServerKeyPurpose::ClientSecret => "client-secret",
        }
    }

    /// What custody binds a key of this version to.
    pub(crate) fn label(self, version: u16) -> String {
        format!("server-key/{}/{version}", self.as_str())
    }
}

impl ServerKey {
    /// What custody binds it to.
    pub(crate) fn label(&self) -> String {
        self.purpose.label(self.version)
    }
}

impl MacKey {
    pub fn new(version: u16, secret: &[u8; 32]) -> Self {
        Self {
            version,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    pub fn version(&self) -> u16 {
        self.version
    }

    /// The MAC of the parts. Callers keep them of fixed length, or put a variable one last, so that no two lists of parts
    /// give the same bytes.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        parts.iter().for_each(|part| context.update(part));
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }
}

impl MacKeys {
    /// `None` if there are none. The last one is the newest.
    pub fn new(keys: impl IntoIterator<Item = MacKey>) -> Option<Self> {
        let mut older: Vec<_> = keys.into_iter().map(Arc::new).collect();
        let newest = older.pop()?;
        Some(Self { newest, older })
    }

    /// The one that new things are derived from.
    pub fn newest(&self) -> &Arc<MacKey> {
        &self.newest
    }

    pub fn of(&self, version: u16) -> Option<&Arc<MacKey>> {
        let mut all = self.older.iter().chain([&self.newest]);
        all.find(|key| key.version() == version)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacKey(version {})", self.version)
    }
}
