//! Taking reports, and looking at the fleet.

use std::sync::{Arc, PoisonError};

use crate::audit::{Actor, Effects, Event, EventKind};
use crate::client::ClientId;
use crate::feed::Follower;
use crate::fleet::{MalformedReport, Report, Spike, Spikes};
use crate::keys::KeyRecord;
use crate::{Issuer, Period, Time, Unavailable};

/// Verifiers report every 10 seconds; a few may be lost.
const CONNECTED: Period = Period::secs(60);
/// How long a verifier that has left is shown.
const REMEMBERED: Period = Period::days(1);

/// A verifier, as it last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    pub client: ClientId,
    pub reported_at: Time,
    pub report: Report,
    pub spikes: Spikes,
}

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Malformed(#[from] MalformedReport),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Keeps a verifier's report, and notes what rises sharply in it.
    pub async fn take_report(&self, from: &Follower, report: Report) -> Result<(), ReportError> {
        report.check()?;
        let now = self.now();
        let store = &self.outside.store;
        let before = store.verifier(&from.client, &report.instance).await?;
        let mut effects = Effects::default();
        let mut spikes = Spikes::default();
        if let Some(before) = before {
            let rose = Spike::between(&before.report, &report);
            spikes = before.spikes;
            for spike in rose {
                if !spikes.is_ongoing(spike, now) {
                    let event = Event::new(EventKind::FleetAnomaly, Actor::Issuer, now);
                    let event = event.client(&from.client).detail(spike.as_str());
                    effects.events.push(event);
                }
                spikes.saw(spike, now);
            }
        }
        let verifier = Verifier {
            client: from.client.clone(),
            reported_at: now,
            report,
            spikes,
        };
        Ok(store.put_verifier(&verifier, &effects).await?)
    }

    /// Every verifier that has reported within a day.
    pub async fn verifiers(&self) -> Result<Vec<Verifier>, Unavailable> {
        let since = self.now() - REMEMBERED;
        self.outside.store.verifiers(since).await
    }

    /// Forgets verifiers that have been silent for a day.
    pub async fn forget_verifiers(&self) -> Result<u64, Unavailable> {
        let before = self.now() - REMEMBERED;
        self.outside.store.forget_verifiers(before).await
    }

    /// The verifiers that were connected when [`Issuer::look_at_fleet`] was last called. Needs no database.
    pub fn connected(&self) -> Arc<Vec<Verifier>> {
        let connected = self.connected.read();
        connected.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads who is connected, for the metrics.
    pub async fn look_at_fleet(&self) -> Result<(), Unavailable> {
        let now = Arc::new(self.connected_verifiers().await?);
        *self
            .connected
            .write()
            .unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    pub(crate) async fn connected_verifiers(&self) -> Result<Vec<Verifier>, Unavailable> {
        let since = self.now() - CONNECTED;
        self.outside.store.verifiers(since).await
    }
}

impl Verifier {
    pub fn is_connected(&self, now: Time) -> bool {
        now.since(self.reported_at) <= CONNECTED
    }

    /// How operators tell it from others.
    pub fn name(&self) -> String {
        format!("{}/{}", self.client, self.report.instance)
    }

    /// The keys of the served set that it has not reported; none for a verifier that knows no key of the set, because it lives by
    /// keys that were handed to it.
    pub fn missing(&self, keys: &[KeyRecord]) -> Vec<String> {
        let served = keys
            .iter()
            .filter(|key| key.state.is_served() && key.public.is_some());
        let (known, missing): (Vec<_>, Vec<_>) = served
            .map(|key| key.kid.clone())
            .partition(|kid| self.report.kids.contains(kid));
        if known.is_empty() { known } else { missing }
    }

    /// How many events it has still to apply.
    pub fn lag(&self, head: u64) -> u64 {
        head.saturating_sub(self.report.position.unwrap_or(0))
    }
}
