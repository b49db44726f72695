//! Who may follow the feed and report to it: a confidential client with the grant `feed`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::audit::Origin;
use crate::client::{Client, ClientId, ClientRefused, Grant, KeptSecret, PresentedClient};
use crate::secret::HashedSecret;
use crate::{Issuer, Period, Time};

/// A client's row is read at most this often, however many of its instances follow.
const FRESH: Period = Period::secs(3);
/// With the database down, a client that was seen in this time may come back: the feed must survive a follower's restart
/// during an outage.
const REMEMBERED: Period = Period::hours(1);

/// A client that has proved itself, and by which secret.
#[derive(Clone, Debug)]
pub struct Follower {
    pub client: ClientId,
    secret: HashedSecret,
}

/// The clients of followers as they were last read.
#[derive(Default)]
pub(crate) struct KnownClients(Mutex<BTreeMap<ClientId, Seen>>);

#[derive(Clone)]
struct Seen {
    /// By which it may follow now; `None`: it may not.
    secret: Option<HashedSecret>,
    at: Time,
}

impl Issuer {
    /// The follower that `presented` proves.
    pub async fn authenticate_follower(
        &self,
        presented: &PresentedClient,
        origin: &Origin,
    ) -> Result<Follower, ClientRefused> {
        let now = self.now();
        let secret = match self.authenticate_client(presented, origin).await {
            Ok(client) => {
                let secret = secret_of(&client);
                self.followers.saw(&client.id, secret.clone(), now);
                secret.ok_or(ClientRefused::GrantNotAllowed)?
            }
            Err(ClientRefused::Unavailable(down)) => self
                .followers
                .remembered(presented, now)
                .ok_or(ClientRefused::Unavailable(down))?,
            Err(refused) => return Err(refused),
        };
        let client = presented.id.clone();
        Ok(Follower { client, secret })
    }

    /// Whether the follower would still be let in: its client is enabled, has the grant, and has not got another secret. While
    /// the database is down, what was known goes on.
    pub async fn still_follows(&self, follower: &Follower) -> bool {
        let now = self.now();
        let id = &follower.client;
        let secret = match self.followers.fresh(id, now) {
            Some(seen) => seen.secret,
            None => match self.outside.store.client(id).await {
                Ok(client) => {
                    let secret = client.as_ref().and_then(secret_of);
                    self.followers.saw(id, secret.clone(), now);
                    secret
                }
                Err(_) => return true,
            },
        };
        secret.as_ref() == Some(&follower.secret)
    }
}

/// The secret of a client that may follow. A follower sends it with each request, so it is one of those that are kept as a hash.
fn secret_of(client: &Client) -> Option<HashedSecret> {
    let may_follow = !client.disabled && client.grants.contains(&Grant::Feed);
    match client.secret.as_ref().filter(|_| may_follow)? {
        KeptSecret::Hashed(hash) => Some(hash.clone()),
        KeptSecret::Derived(_) => None,
    }
}

impl KnownClients {
    fn fresh(&self, id: &ClientId, now: Time) -> Option<Seen> {
        let fresh = |seen: &&Seen| now.since(seen.at) < FRESH;
        self.lock().get(id).filter(fresh).cloned()
    }

    fn saw(&self, id: &ClientId, secret: Option<HashedSecret>, at: Time) {
        let mut known = self.lock();
        known.retain(|_, seen| at.since(seen.at) < REMEMBERED);
        known.insert(id.clone(), Seen { secret, at });
    }

    fn remembered(&self, presented: &PresentedClient, now: Time) -> Option<HashedSecret> {
        let seen = self.lock().get(&presented.id).cloned()?;
        let known = seen.secret.filter(|_| now.since(seen.at) < REMEMBERED)?;
        let proved = known.matches(presented.proof.secret()?);
        proved.then_some(known)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ClientId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
