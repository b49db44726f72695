//! What an operator does with keys: look, rotate, roll back, revoke.

use crate::audit::{Actor, Effects, Event, EventKind};
use crate::keys::gate::{Admitted, candidates};
use crate::keys::schedule::{Step, known_at};
use crate::keys::{Doubt, Gate, KeyRecord, KeyState, RingId, TickError, order};
use crate::{Issuer, Time};

/// A key as operators see it; nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySummary {
    pub kid: String,
    pub ring: RingId,
    pub state: KeyState,
    pub created_at: Time,
    pub published_at: Option<Time>,
    pub activated_at: Option<Time>,
    /// While published: when it may sign at the earliest.
    pub known_at: Option<Time>,
    /// It is due to sign and does not.
    pub held: Option<Doubt>,
    pub verifies_until: Option<Time>,
    pub ended_at: Option<Time>,
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("no such key")]
    Unknown,
    #[error("the key is {0} already")]
    AlreadyEnded(KeyState),
    #[error("no key of this kind is in use")]
    NoRing,
    #[error("the successor is not known to every verifier before {}; it may sign from then on", moment(*.until))]
    SuccessorUnknown { until: Option<Time> },
    #[error("the successor may not sign yet: {0}")]
    Held(Doubt),
    #[error("there is no earlier key that verifiers still know")]
    NothingToRollBackTo,
    #[error("somebody else changed the keys at the same time; look again")]
    Raced,
    #[error(transparent)]
    Tick(#[from] TickError),
}

impl Issuer {
    /// Keys with their states and times, those in use first.
    pub async fn list_keys(&self) -> Result<Vec<KeySummary>, KeyError> {
        self.refresh_held().await?;
        let policy = self.policy();
        let mut held = self.held_keys();
        let mut keys: Vec<KeySummary> = self
            .held()
            .keys
            .iter()
            .map(|key| KeySummary {
                kid: key.kid.clone(),
                ring: key.ring.clone(),
                state: key.state,
                created_at: key.created_at,
                published_at: key.published_at,
                activated_at: key.activated_at,
                known_at: known_at(key, &policy.keys).filter(|_| key.state == KeyState::Published),
                held: held.remove(&key.kid),
                verifies_until: key.verifies_until,
                ended_at: key.ended_at,
            })
            .collect();
        keys.sort_by(|a, b| {
            (&a.ring, a.state, a.created_at).cmp(&(&b.ring, b.state, b.created_at))
        });
        Ok(keys)
    }

    /// Hands over to the key in waiting, now; refused while some verifier may not know it. `force` goes on without evidence that
    /// it is known, and never before its time.
    pub async fn rotate_keys(
        &self,
        ring: &RingId,
        force: bool,
        actor: &Actor,
    ) -> Result<(), KeyError> {
        self.refresh_held().await?;
        let policy = &self.policy().keys;
        let keys = self.held().keys.clone();
        let steps = order::rotation(&keys, ring, policy, self.now())?;
        if let Some((kid, doubt)) = self.doubted(&steps, &keys).await? {
            if !force {
                return Err(KeyError::Held(doubt));
            }
            let event = Event::new(EventKind::KeyForced, actor.clone(), self.now());
            let event = event.detail(format_args!("{kid} {}", doubt.as_str()));
            let recorded = self.outside.store.record(&Effects::from(event)).await;
            recorded.map_err(TickError::from)?;
        }
        self.apply(&steps, actor).await
    }

    /// The key among `steps` that the gate would hold, after it was looked for once more.
    async fn doubted(
        &self,
        steps: &[Step],
        keys: &[KeyRecord],
    ) -> Result<Option<(String, Doubt)>, TickError> {
        if self.policy().keys.gate == Gate::Evidence {
            let wanted = self.wanted_rings(&self.catalog());
            self.probe(&candidates(steps, keys, &wanted)).await;
        }
        let Admitted { mut held, .. } = self.admit(steps.to_vec(), keys).await?;
        Ok(held.pop_first())
    }

    /// Lets the previous key sign again, and puts the current one back in waiting.
    pub async fn roll_back_keys(&self, ring: &RingId, actor: &Actor) -> Result<(), KeyError> {
        self.refresh_held().await?;
        let steps = order::rollback(&self.held().keys, ring)?;
        self.apply(&steps, actor).await
    }

    /// Takes a key out at once: it is served no more, and its tokens are refused by whoever refreshes JWKS.
    ///
    /// If it was signing, the key in waiting takes over. While some verifier may not know that one, revoking is refused unless
    /// `force`: then nothing signs with this algorithm until the successor is known.
    pub async fn revoke_key(&self, kid: &str, force: bool, actor: &Actor) -> Result<(), KeyError> {
        self.refresh_held().await?;
        let policy = &self.policy().keys;
        let steps = order::revocation(&self.held().keys, kid, force, policy, self.now())?;
        self.apply(&steps, actor).await
    }

    async fn apply(&self, steps: &[Step], actor: &Actor) -> Result<(), KeyError> {
        if !self
            .carry_out(&self.held(), steps, actor, self.now())
            .await?
        {
            return Err(KeyError::Raced);
        }
        // The tick takes the change into use here, and prepares the next key in waiting.
        Ok(self.tick().await?)
    }
}

fn moment(until: Option<Time>) -> String {
    until.map_or_else(|| "its publication".to_owned(), |at| at.to_string())
}
