//! The token that we show: where it comes from, and for how long it is good.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keywright_domain::secret::PlainSecret;
use serde::Deserialize;

use super::error::TransitError;

/// Reads the token from where the operator put it: at the start, at a reload, and when the vault refuses the one that is in use, because an
/// agent may have put a newer one there.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Fn() -> Result<PlainSecret, String> + Send + Sync>);

impl TokenSource {
    pub fn new(read: impl Fn() -> Result<PlainSecret, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    fn read(&self) -> Result<PlainSecret, TransitError> {
        (self.0)().map_err(TransitError::NoToken)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource(…)")
    }
}

#[derive(Clone)]
pub(super) struct Login {
    source: TokenSource,
    pub token: PlainSecret,
    /// When to look after the token again; `None` if it never expires, or cannot be renewed.
    pub due: Option<Instant>,
}

/// What `lookup-self` tells of a token, and `renew-self` in other words.
#[derive(Deserialize)]
pub(super) struct Lease {
    #[serde(alias = "lease_duration")]
    ttl: u64,
    #[serde(default)]
    renewable: bool,
}

impl Login {
    /// Whatever is known of the token yet, it is due to be looked at.
    pub fn new(source: TokenSource, now: Instant) -> Result<Self, TransitError> {
        let token = source.read()?;
        let due = Some(now);
        Ok(Self { source, token, due })
    }

    /// The token that has come in place of `refused`, if there is another.
    pub fn instead_of(&mut self, refused: &PlainSecret, now: Instant) -> Option<PlainSecret> {
        if self.token == *refused {
            *self = Self::new(self.source.clone(), now).ok()?;
        }
        (self.token != *refused).then(|| self.token.clone())
    }
}

impl Lease {
    pub const fn is_renewable(&self) -> bool {
        self.renewable && self.ttl > 0
    }

    /// Half of its life is left for tries that fail. As it nears its longest life, renewals add less and less.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let half = Duration::from_secs(self.ttl) / 2;
        self.is_renewable().then(|| now + half)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::contact;

    #[test]
    fn a_lease_is_due_at_half_its_life_and_never_if_it_cannot_be_renewed() {
        let now = contact::now();
        for (told, due) in [
            (r#"{"ttl":60,"renewable":true}"#, Some(30)),
            (r#"{"lease_duration":3,"renewable":true}"#, Some(1)),
            (r#"{"ttl":60,"renewable":false}"#, None),
            (r#"{"ttl":60}"#, None),
            (r#"{"ttl":0,"renewable":true}"#, None),
        ] {
            let lease: Lease = serde_json::from_str(told).unwrap();
            let due_in = lease.due(now).map(|due| (due - now).as_secs());
            assert_eq!(due_in, due, "{told}");
        }
    }

    #[test]
    fn another_token_is_taken_once_it_is_there() {
        let now = contact::now();
        let there = Arc::new(Mutex::new("one"));
        let read = there.clone();
        let source = TokenSource::new(move || Ok(PlainSecret::new(*read.lock().unwrap())));
        let mut login = Login::new(source, now).unwrap();
        login.due = None;
        let one = PlainSecret::new("one");
        assert_eq!(login.instead_of(&one, now), None);
        *there.lock().unwrap() = "two";
        let two = Some(PlainSecret::new("two"));
        assert_eq!(login.instead_of(&one, now), two);
        assert_eq!(login.due, Some(now), "it is looked after as well");
        *there.lock().unwrap() = "three";
        assert_eq!(login.instead_of(&one, now), two, "somebody else was first");
    }
}
