//! Who may follow the feed and report to it: a confidential client with the grant `feed` that sends its secret, or one whose own access
//! token has the scope [`FOLLOW`], however it proved itself to get that.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::access::{AdministerError, Audience, Bearer};
use crate::audit::Origin;
use crate::client::{Client, ClientId, ClientRefused, Grant, KeptSecret, PresentedClient};
use crate::secret::HashedSecret;
use crate::{Issuer, Period, Time};

/// The scope of the issuer's own API that a follower's access token carries.
pub const FOLLOW: &str = "feed:follow";

/// A client's row is read at most this often, however many of its instances follow.
const FRESH: Period = Period::secs(3);
/// With the database down, a client that was seen in this time may come back: the feed must survive a follower's restart
/// during an outage.
const REMEMBERED: Period = Period::hours(1);

/// A client that has proved itself, and by what.
#[derive(Clone, Debug)]
pub struct Follower {
    pub client: ClientId,
    by: Proof,
}

#[derive(Clone, Debug)]
enum Proof {
    Secret(HashedSecret),
    /// An access token, which counts until then.
    Token(Time),
}

/// The clients of followers as they were last read.
#[derive(Default)]
pub(crate) struct KnownClients(Mutex<BTreeMap<ClientId, Seen>>);

#[derive(Clone)]
struct Seen {
    ways: Ways,
    at: Time,
}

/// By what a client may follow now.
#[derive(Clone, Default)]
struct Ways {
    secret: Option<HashedSecret>,
    token: bool,
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
                let ways = self.saw_follower(&client.id, Some(&client));
                ways.secret.ok_or(ClientRefused::GrantNotAllowed)?
            }
            Err(ClientRefused::Unavailable(down)) => self
                .followers
                .remembered(&presented.id, now)
                .and_then(|ways| ways.proved_by(presented))
                .ok_or(ClientRefused::Unavailable(down))?,
            Err(refused) => return Err(refused),
        };
        let client = presented.id.clone();
        let by = Proof::Secret(secret);
        Ok(Follower { client, by })
    }

    /// The follower behind a verified access token for the issuer's own API, which lives until `expires`.
    pub async fn follower_of_token(
        &self,
        bearer: Bearer,
        expires: Time,
    ) -> Result<Follower, AdministerError> {
        let client = match bearer {
            Bearer::Service(client) => client,
            // What a verifier reports is the word of a service.
            Bearer::Person { .. } => return Err(AdministerError::NotGranted),
        };
        let ways = match self.outside.store.client(&client).await {
            Ok(Some(found)) if !found.disabled => self.saw_follower(&client, Some(&found)),
            Ok(Some(_) | None) => return Err(AdministerError::ClientRefused),
            Err(down) => self.followers.remembered(&client, self.now()).ok_or(down)?,
        };
        let by = Proof::Token(expires);
        match ways.token {
            true => Ok(Follower { client, by }),
            false => Err(AdministerError::NotGranted),
        }
    }

    /// Whether the follower would still be let in: its client is enabled and may follow by what it showed, and that is neither replaced
    /// nor expired. While the database is down, what was known goes on.
    pub async fn still_follows(&self, follower: &Follower) -> bool {
        let now = self.now();
        let id = &follower.client;
        let ways = match self.followers.fresh(id, now) {
            Some(ways) => ways,
            None => match self.outside.store.client(id).await {
                Ok(client) => self.saw_follower(id, client.as_ref()),
                Err(_) => return follower.by.is_current(now),
            },
        };
        follower.by.is_current(now) && ways.admit(&follower.by)
    }

    fn saw_follower(&self, id: &ClientId, client: Option<&Client>) -> Ways {
        let own = self.policy().issuer_audience();
        let ways = client.map(|client| Ways::of(client, own.as_ref()));
        let ways = ways.unwrap_or_default();
        self.followers.saw(id, ways.clone(), self.now());
        ways
    }
}

impl Proof {
    fn is_current(&self, now: Time) -> bool {
        match self {
            Proof::Secret(_) => true,
            Proof::Token(expires) => now < *expires,
        }
    }
}

impl Ways {
    fn of(client: &Client, own: Option<&Audience>) -> Self {
        if client.disabled {
            return Self::default();
        }
        let allowed = own.and_then(|own| client.allowed.get(own));
        Self {
            secret: secret_of(client),
            token: client.grants.contains(&Grant::ClientCredentials)
                && allowed.is_some_and(|scopes| scopes.contains(FOLLOW)),
        }
    }

    fn admit(&self, by: &Proof) -> bool {
        match by {
            Proof::Secret(secret) => self.secret.as_ref() == Some(secret),
            Proof::Token(_) => self.token,
        }
    }

    fn proved_by(self, presented: &PresentedClient) -> Option<HashedSecret> {
        let sent = presented.proof.secret()?;
        self.secret.filter(|known| known.matches(sent))
    }
}

/// The secret of a client that may follow by it. It is sent with each request, so it is one of those that are kept as a hash.
fn secret_of(client: &Client) -> Option<HashedSecret> {
    let may_follow = client.grants.contains(&Grant::Feed);
    match client.secret.as_ref().filter(|_| may_follow)? {
        KeptSecret::Hashed(hash) => Some(hash.clone()),
        KeptSecret::Derived(_) => None,
    }
}

impl KnownClients {
    fn fresh(&self, id: &ClientId, now: Time) -> Option<Ways> {
        self.seen_within(FRESH, id, now)
    }

    fn remembered(&self, id: &ClientId, now: Time) -> Option<Ways> {
        self.seen_within(REMEMBERED, id, now)
    }

    fn seen_within(&self, period: Period, id: &ClientId, now: Time) -> Option<Ways> {
        let known = self.lock();
        let seen = known.get(id).filter(|seen| now.since(seen.at) < period)?;
        Some(seen.ways.clone())
    }

    fn saw(&self, id: &ClientId, ways: Ways, at: Time) {
        let mut known = self.lock();
        known.retain(|_, seen| at.since(seen.at) < REMEMBERED);
        known.insert(id.clone(), Seen { ways, at });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ClientId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
