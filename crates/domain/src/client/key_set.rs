//! The public keys of clients and trusted issuers: known by value, or fetched from where they are published (RFC 7591 §2, `jwks_uri`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keywright_jwt::{JwkSet, JwkSetError};

use crate::client::Client;
use crate::{Issuer, Period, Time, Unavailable};

/// A fetched set is used for this long before it is fetched again.
const FRESH: Period = Period::minutes(5);
/// Unknown key names and failures cause at most one fetch in this time, however many requests bring them.
const INTERVAL: Period = Period::secs(30);
/// While a site does not answer, its last keys count for this long.
const KEPT: Period = Period::hours(12);
/// Sites whose sets are remembered; beyond, the one that was fetched longest ago is forgotten.
const MOST: usize = 1024;

#[derive(Debug, thiserror::Error)]
pub enum KeysUnknown {
    #[error("no keys are registered")]
    None,
    #[error("the key set cannot be read: {0}")]
    Malformed(#[from] JwkSetError),
    #[error("the key set cannot be fetched: {0}")]
    Unreachable(#[from] Unavailable),
    #[error("the key set could not be fetched a moment ago")]
    FailedBefore,
}

/// Where somebody's public keys are.
pub(crate) enum PublishedKeys<'a> {
    Here(Arc<JwkSet>),
    At(&'a str),
}

impl<'a> PublishedKeys<'a> {
    pub fn of(client: &'a Client) -> Result<Self, KeysUnknown> {
        let registered = &client.registration;
        match (&registered.jwks, &registered.jwks_uri) {
            (Some(jwks), _) => {
                let keys = JwkSet::parse(jwks.to_string().as_bytes())?;
                Ok(Self::Here(Arc::new(keys)))
            }
            (None, Some(uri)) => Ok(Self::At(uri)),
            (None, None) => Err(KeysUnknown::None),
        }
    }
}

/// Fetched sets by their address.
#[derive(Default)]
pub(crate) struct KnownKeySets(Mutex<BTreeMap<String, Known>>);

#[derive(Clone, Default)]
struct Known {
    keys: Option<(Arc<JwkSet>, Time)>,
    /// The last fetch that began with keys at hand, or that failed.
    tried_at: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Fresh,
    /// Newer than what is at hand, because that lacks a key.
    Newer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Use,
    Fetch,
    Fail,
}

impl Known {
    fn plan(&self, wanted: Wanted, now: Time) -> Plan {
        let is_fresh = |at: Time| now.since(at) < FRESH;
        let tried_lately = self.tried_at.is_some_and(|at| now.since(at) < INTERVAL);
        match (&self.keys, wanted) {
            (Some((_, at)), Wanted::Fresh) if is_fresh(*at) => Plan::Use,
            (Some((_, at)), _) if tried_lately && now.since(*at) < KEPT => Plan::Use,
            (None | Some(_), _) if tried_lately => Plan::Fail,
            (None | Some(_), _) => Plan::Fetch,
        }
    }
}

impl Issuer {
    pub(crate) async fn keys_of(
        &self,
        published: &PublishedKeys<'_>,
    ) -> Result<Arc<JwkSet>, KeysUnknown> {
        self.key_set_of(published, Wanted::Fresh).await
    }

    /// Keys that are known by value are what they are; fetched ones may be older than the last rotation there.
    pub(crate) async fn newer_keys_of(
        &self,
        published: &PublishedKeys<'_>,
    ) -> Result<Arc<JwkSet>, KeysUnknown> {
        self.key_set_of(published, Wanted::Newer).await
    }

    async fn key_set_of(
        &self,
        published: &PublishedKeys<'_>,
        wanted: Wanted,
    ) -> Result<Arc<JwkSet>, KeysUnknown> {
        match published {
            PublishedKeys::Here(keys) => Ok(keys.clone()),
            PublishedKeys::At(uri) => self.fetched_key_set(uri, wanted).await,
        }
    }

    async fn fetched_key_set(&self, uri: &str, wanted: Wanted) -> Result<Arc<JwkSet>, KeysUnknown> {
        let now = self.now();
        let known = self.client_keys.known(uri);
        let at_hand = known.keys.as_ref().map(|(keys, _)| keys.clone());
        match known.plan(wanted, now) {
            Plan::Use => return at_hand.ok_or(KeysUnknown::FailedBefore),
            Plan::Fail => return Err(KeysUnknown::FailedBefore),
            Plan::Fetch => {}
        }
        if at_hand.is_some() {
            // Others go on with what is at hand meanwhile.
            self.client_keys.tried(uri, now);
        }
        match self.fetch_key_set(uri).await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                self.client_keys.got(uri, keys.clone(), now);
                Ok(keys)
            }
            Err(failed) => {
                self.client_keys.tried(uri, now);
                let kept = known.keys.filter(|(_, at)| now.since(*at) < KEPT);
                kept.map(|(keys, _)| keys).ok_or(failed)
            }
        }
    }

    async fn fetch_key_set(&self, uri: &str) -> Result<JwkSet, KeysUnknown> {
        let document = self.outside.documents.fetch(uri).await?;
        Ok(JwkSet::parse(&document)?)
    }
}

impl KnownKeySets {
    fn known(&self, uri: &str) -> Known {
        self.lock().get(uri).cloned().unwrap_or_default()
    }

    fn tried(&self, uri: &str, at: Time) {
        let mut sets = self.lock();
        make_room(&mut sets, uri);
        sets.entry(uri.to_owned()).or_default().tried_at = Some(at);
    }

    fn got(&self, uri: &str, keys: Arc<JwkSet>, at: Time) {
        let mut sets = self.lock();
        make_room(&mut sets, uri);
        let known = sets.entry(uri.to_owned()).or_default();
        known.keys = Some((keys, at));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(sets: &mut BTreeMap<String, Known>, uri: &str) {
    if sets.len() < MOST || sets.contains_key(uri) {
        return;
    }
    let age = |known: &Known| known.keys.as_ref().map(|(_, at)| *at).max(known.tried_at);
    let oldest = sets.iter().min_by_key(|(_, known)| age(known));
    if let Some(oldest) = oldest.map(|(uri, _)| uri.clone()) {
        sets.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_fetched_when_it_is_old_or_lacks_a_key_and_never_twice_in_an_interval() {
        let now = Time::from_secs(1_000_000);
        let ago = |period| now - period;
        let keys = |period| Some((Arc::new(JwkSet::default()), ago(period)));
        let (new, old, ancient) = (Period::secs(1), Period::minutes(6), Period::hours(13));
        for (fetched, tried, wanted, plan) in [
            (None, None, Wanted::Fresh, Plan::Fetch),
            (None, Some(new), Wanted::Fresh, Plan::Fail),
            (None, Some(old), Wanted::Fresh, Plan::Fetch),
            (Some(new), None, Wanted::Fresh, Plan::Use),
            (Some(new), None, Wanted::Newer, Plan::Fetch),
            (Some(new), Some(new), Wanted::Newer, Plan::Use),
            (Some(old), None, Wanted::Fresh, Plan::Fetch),
            (Some(old), Some(new), Wanted::Fresh, Plan::Use),
            (Some(ancient), Some(new), Wanted::Fresh, Plan::Fail),
            (Some(ancient), Some(old), Wanted::Fresh, Plan::Fetch),
        ] {
            let known = Known {
                keys: fetched.and_then(keys),
                tried_at: tried.map(ago),
            };
            assert_eq!(
                known.plan(wanted, now),
                plan,
                "{fetched:?} {tried:?} {wanted:?}"
            );
        }
    }

    #[test]
    fn the_sets_that_are_remembered_are_bounded() {
        let sets = KnownKeySets::default();
        for n in 0..MOST + 10 {
            let at = Time::from_secs(1_000 + i64::try_from(n).unwrap());
            sets.got(&format!("https://{n}.example"), Arc::default(), at);
        }
        assert_eq!(sets.lock().len(), MOST);
        assert!(sets.known("https://0.example").keys.is_none());
        assert!(sets.known("https://10.example").keys.is_some());
    }
}
