//! Carrying out the schedule, and noticing what other nodes and operators changed. Called each second.

use std::sync::Arc;

use crate::audit::{Actor, Effects, Event, EventKind};
use crate::feed::{self, Kind};
use crate::issuer::Held;
use crate::keys::schedule::{self, Step};
use crate::keys::{Jwks, KeyRecord, KeyState, RingId};
use crate::ports::{CustodyError, KeysRead, Versions};
use crate::{Issuer, Time, Unavailable};

/// More rounds than any plan needs: generate, publish, activate, and one to see that nothing is left.
const ROUNDS: usize = 8;

#[derive(Debug, thiserror::Error)]
pub enum TickError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A key could not be generated or opened. What was in use stays in use.
    #[error(transparent)]
    Custody(#[from] CustodyError),
}

impl Issuer {
    /// Advances the key schedule and refreshes what is held in memory. An error changes nothing that is in use: the issuer
    /// goes on with the last good keys and catalog, and the next tick tries again.
    pub async fn tick(&self) -> Result<(), TickError> {
        self.refresh_held().await?;
        self.record_refused_claims().await?;
        for _ in 0..ROUNDS {
            let held = self.held();
            let now = self.outside.clock.now();
            let wanted = self.wanted_rings(&held.catalog);
            let mut due = schedule::plan(&held.keys, &wanted, &self.policy().keys, now);
            due.retain(|step| self.can_carry_out(step));
            let admitted = self.admit(due, &held.keys).await?;
            self.set_held_keys(admitted.held);
            if admitted.steps.is_empty() {
                break;
            }
            self.carry_out(&held, &admitted.steps, &Actor::Issuer, now)
                .await?;
            self.refresh_held().await?;
        }
        Ok(())
    }

    /// Makes the steps durable, unless the keys have changed since they were read. Which of two nodes is first does not
    /// matter: the other reads again and finds nothing left to do.
    pub(super) async fn carry_out(
        &self,
        held: &Held,
        steps: &[Step],
        actor: &Actor,
        now: Time,
    ) -> Result<bool, TickError> {
        let policy = self.policy();
        let mut effects = Effects::default();
        let mut changed = Vec::with_capacity(steps.len());
        for step in steps {
            let key = match step {
                Step::Generate(ring) => self.generate(ring, now)?,
                Step::Move { kid, to } => match held.keys.iter().find(|key| key.kid == *kid) {
                    Some(key) => schedule::moved(key, *to, &policy.keys, now),
                    None => continue,
                },
            };
            effects
                .events
                .push(Event::new(event_kind(key.state), actor.clone(), now).detail(&key.kid));
            effects
                .feed
                .extend(feed_kind(&key).map(|kind| feed::Event { at: now, kind }));
            changed.push(key);
        }
        Ok(self
            .outside
            .store
            .change_keys(held.versions.keys, &changed, &effects)
            .await?)
    }

    /// Reads the catalog if it has changed since it was last read.
    pub(crate) async fn refresh_catalog(&self) -> Result<Versions, Unavailable> {
        let held = self.held();
        let versions = self.outside.store.versions().await?;
        if versions.catalog != held.versions.catalog || held.catalog.apis.is_empty() {
            let catalog = Arc::new(self.outside.store.catalog().await?);
            let versions = Versions {
                catalog: versions.catalog,
                ..held.versions
            };
            self.hold(Held {
                versions,
                catalog,
                clients: Arc::default(),
                ..(*self.held()).clone()
            });
        }
        Ok(versions)
    }

    /// Reads what has changed since it was last read.
    pub(crate) async fn refresh_held(&self) -> Result<(), TickError> {
        let versions = self.refresh_catalog().await?;
        let held = self.held();
        if versions.keys != held.versions.keys || held.keys.is_empty() {
            let KeysRead { version, keys } = self.outside.store.signing_keys().await?;
            let ring = self.held().ring.advance(&keys, &*self.outside.custody)?;
            let jwks = Jwks::of(&keys, self.policy().keys.jwks_max_age);
            let held = (*self.held()).clone();
            self.hold(Held {
                versions: Versions {
                    keys: version,
                    ..held.versions
                },
                keys: Arc::new(keys),
                ring: Arc::new(ring),
                jwks: Arc::new(jwks),
                ..held
            });
        }
        Ok(())
    }

    /// An algorithm that the custody cannot do is refused where somebody asks for it. One that slipped past, on another node say, must not
    /// hold up the other rings.
    fn can_carry_out(&self, step: &Step) -> bool {
        match step {
            Step::Generate(ring) => self.outside.custody.supports(ring.algorithm).is_ok(),
            Step::Move { .. } => true,
        }
    }

    fn generate(&self, ring: &RingId, now: Time) -> Result<KeyRecord, CustodyError> {
        let key = self.outside.custody.generate(ring.algorithm)?;
        Ok(KeyRecord {
            kid: key.kid,
            ring: ring.clone(),
            public: key.public,
            sealed: key.sealed,
            state: KeyState::Next,
            created_at: now,
            published_at: None,
            activated_at: None,
            verifies_until: None,
            ended_at: None,
        })
    }
}

const fn event_kind(state: KeyState) -> EventKind {
    match state {
        KeyState::Next => EventKind::KeyGenerated,
        KeyState::Published => EventKind::KeyPublished,
        KeyState::Active => EventKind::KeyActivated,
        KeyState::Retiring => EventKind::KeyRetiring,
        KeyState::Retired => EventKind::KeyRetired,
        KeyState::Revoked => EventKind::KeyRevoked,
    }
}

/// What verifiers are told of a key that has just been moved. One in preparation is not served yet, and one that retires is served
/// as before.
fn feed_kind(key: &KeyRecord) -> Option<Kind> {
    let kid = key.kid.clone();
    match key.state {
        KeyState::Next | KeyState::Retiring => None,
        KeyState::Published => Some(Kind::KeyPublished { kid }),
        KeyState::Active => Some(Kind::KeyActivated { kid }),
        KeyState::Retired => Some(Kind::KeyRetired { kid }),
        KeyState::Revoked => Some(Kind::KeyRevoked { kid }),
    }
}
