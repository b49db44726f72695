use keywright_jwt::Claims;

/// What is known about a token beyond what it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing speaks against it.
    Valid,
    /// Revoked for good.
    Invalid,
    /// Revoked for now.
    Suspended,
    /// The subject's claims have changed since: the client should refresh.
    Stale,
    /// Knowledge is missing or too old to answer; [`WhenUnknown`] decides.
    Unknown,
}

/// What to do with a token whose status is unknown. Chosen by name, because either answer can be the wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnknown {
    /// Accept it: an outage of the issuer must not become ours. Revoked tokens live until they expire.
    FailOpen,
    /// Refuse it: better no service than a revoked token.
    FailClosed,
}

/// Knows which tokens have been revoked. Asked for each token after everything else has passed, so it must answer
/// from memory.
pub trait Revocation: Send + Sync + 'static {
    /// The token's status, from its claims (`status`, `sid`, `jti`).
    fn status(&self, claims: &Claims<'_>) -> Status;
}
