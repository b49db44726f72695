//! Gathering what the gate judges by: probes through the public URL, and the reports of verifiers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use keywright_jwt::{Compact, JwkSet, VerifyingKey};

use crate::audit::{Actor, Effects, Event, EventKind};
use crate::fleet::{Spike, Verifier};
use crate::keys::gate::{Admitted, Doubt, Evidence, Gate, admit, candidates};
use crate::keys::schedule::Step;
use crate::keys::{KeyRecord, TickError};
use crate::{Issuer, Period, Time, Unavailable};

/// How long a successful probe counts. A key that waited for longer, for a verifier, is looked for again.
const SEEN_FOR: Period = Period::minutes(10);
/// How soon a failed probe is tried again.
const RETRY: Period = Period::secs(5);
/// Names nothing that anybody accepts: what a probe signs can be used for nothing.
const PROBE_TYPE: &str = "keywright-probe+jwt";

/// What this process has found out.
#[derive(Default)]
pub(crate) struct GateState(Mutex<Findings>);

#[derive(Default)]
struct Findings {
    probes: BTreeMap<String, (Time, Result<(), String>)>,
    held: BTreeMap<String, Doubt>,
    /// Of `held`, what has been told.
    told: BTreeMap<String, Doubt>,
}

/// What has changed since it was last asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldNews {
    Held {
        kid: String,
        doubt: Doubt,
    },
    /// It signs now, or it is gone.
    Over {
        kid: String,
    },
}

impl Issuer {
    /// The keys that are due to sign and do not, and why. As of the last tick.
    pub fn held_keys(&self) -> BTreeMap<String, Doubt> {
        self.gate.lock().held.clone()
    }

    /// Looks through the public URL for the keys that wait for nothing else. Called each second, apart from the tick: a public
    /// URL that does not answer must not delay the schedule.
    pub async fn probe_held_keys(&self) -> Result<(), TickError> {
        let now = self.now();
        let due = |(kid, doubt): (String, Doubt)| match doubt {
            Doubt::Unprobed | Doubt::ProbeFailed(_) => Some(kid),
            Doubt::Lacking(_) | Doubt::UnknownKeys(_) => None,
        };
        let due: Vec<String> = self.held_keys().into_iter().filter_map(due).collect();
        let keys = self.held().keys.clone();
        let waiting = keys.iter().filter(|key| due.contains(&key.kid));
        let waiting: Vec<&KeyRecord> = waiting
            .filter(|key| !self.gate.lock().tried_lately(&key.kid, now))
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        self.probe(&waiting).await;
        self.tick().await
    }

    /// Puts holds that begin and end on record, and answers them for the log.
    pub async fn note_holds(&self) -> Result<Vec<HoldNews>, Unavailable> {
        let (now, held) = (self.now(), self.held_keys());
        let told = self.gate.lock().told.clone();
        let mut effects = Effects::default();
        let mut news = Vec::new();
        for (kid, doubt) in &held {
            // What is about to be looked for is no news.
            if *doubt == Doubt::Unprobed || told.get(kid) == Some(doubt) {
                continue;
            }
            if told.get(kid).map(Doubt::as_str) != Some(doubt.as_str()) {
                let event = Event::new(EventKind::KeyHeld, Actor::Issuer, now);
                effects
                    .events
                    .push(event.detail(format_args!("{kid} {}", doubt.as_str())));
            }
            let (kid, doubt) = (kid.clone(), doubt.clone());
            news.push(HoldNews::Held { kid, doubt });
        }
        let over = told.keys().filter(|kid| !held.contains_key(*kid));
        news.extend(over.map(|kid| HoldNews::Over { kid: kid.clone() }));
        if !effects.events.is_empty() {
            self.outside.store.record(&effects).await?;
        }
        let mut findings = self.gate.lock();
        let kept =
            |kid: &String, doubt: &Doubt| *doubt != Doubt::Unprobed || told.contains_key(kid);
        findings.told = held
            .into_iter()
            .filter(|(kid, doubt)| kept(kid, doubt))
            .collect();
        Ok(news)
    }

    /// What of a plan may be carried out. Remembers what is held, and why.
    pub(super) async fn admit(
        &self,
        steps: Vec<Step>,
        keys: &[KeyRecord],
    ) -> Result<Admitted, TickError> {
        let wanted = self.wanted_rings(&self.catalog());
        let waiting = candidates(&steps, keys, &wanted);
        if self.policy().keys.gate == Gate::Time || waiting.is_empty() {
            return Ok(Admitted {
                steps,
                ..Admitted::default()
            });
        }
        let evidence = self.evidence(&waiting, keys).await?;
        Ok(admit(steps, keys, &waiting, &evidence))
    }

    pub(super) fn set_held_keys(&self, held: BTreeMap<String, Doubt>) {
        self.gate.lock().held = held;
    }

    /// Looks for these keys in the key set as the world sees it, now.
    pub(super) async fn probe(&self, keys: &[&KeyRecord]) {
        let body = self.outside.probe.key_set().await;
        let set = body
            .map_err(|error| error.detail)
            .and_then(|body| JwkSet::parse(&body).map_err(|error| error.to_string()));
        let results: Vec<(String, Result<(), String>)> = keys
            .iter()
            .map(|key| {
                let found = set.as_ref().map_err(Clone::clone);
                (key.kid.clone(), found.and_then(|set| self.prove(key, set)))
            })
            .collect();
        let now = self.now();
        let mut findings = self.gate.lock();
        findings
            .probes
            .retain(|_, (at, _)| now.since(*at) < SEEN_FOR);
        findings.probes.extend(
            results
                .into_iter()
                .map(|(kid, result)| (kid, (now, result))),
        );
    }

    /// What the private key signs must verify with what the world is served under its name.
    fn prove(&self, key: &KeyRecord, served: &JwkSet) -> Result<(), String> {
        let found = served.keys.iter().find(|jwk| jwk.kid() == Some(&key.kid));
        let found = found.ok_or("the key set that is served there does not hold it")?;
        let verifying = VerifyingKey::from_jwk(found, key.ring.algorithm).map_err(text)?;
        let signer = self.outside.custody.open(key).map_err(text)?;
        let nonce = base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.random::<16>());
        let probe = signer.sign(PROBE_TYPE, nonce.as_bytes()).map_err(text)?;
        let compact = Compact::split(&probe).map_err(text)?;
        let signature = compact.decode_signature().map_err(text)?;
        verifying
            .verify(compact.signing_input(), signature.as_bytes())
            .map_err(|_| "another key is served there under its name".to_owned())
    }

    async fn evidence(
        &self,
        waiting: &[&KeyRecord],
        keys: &[KeyRecord],
    ) -> Result<Evidence, Unavailable> {
        let now = self.now();
        let verifiers = self.connected_verifiers().await?;
        let mut evidence = Evidence::default();
        for (kid, (at, result)) in &self.gate.lock().probes {
            match result {
                Ok(()) if now.since(*at) < SEEN_FOR => {
                    evidence.probed.insert(kid.clone());
                }
                Ok(()) => {}
                Err(why) => {
                    evidence.failed.insert(kid.clone(), why.clone());
                }
            }
        }
        for key in waiting {
            let peers = peers(key, keys);
            let lacks = |v: &&Verifier| v.knows(&peers) && !v.report.kids.contains(&key.kid);
            let who = verifiers.iter().filter(lacks).map(Verifier::name).collect();
            evidence.lacking.insert(key.kid.clone(), who);
        }
        let alarmed = |v: &&Verifier| v.spikes.is_ongoing(Spike::UnknownKeys, now);
        evidence.alarmed = verifiers
            .iter()
            .filter(alarmed)
            .map(Verifier::name)
            .collect();
        Ok(evidence)
    }
}

impl Verifier {
    /// Whether it believes any of these keys.
    fn knows(&self, kids: &BTreeSet<&str>) -> bool {
        self.report
            .kids
            .iter()
            .any(|kid| kids.contains(kid.as_str()))
    }
}

/// The keys whose holders must have this one as well: all that are served with it, or for a symmetric key, those of its API. A
/// verifier that knows none of them is no concern of this key.
fn peers<'k>(key: &KeyRecord, keys: &'k [KeyRecord]) -> BTreeSet<&'k str> {
    let is_peer = |other: &&KeyRecord| match &key.public {
        Some(_) => other.public.is_some(),
        None => other.ring == key.ring,
    };
    let peers = keys.iter().filter(is_peer);
    peers.map(|peer| peer.kid.as_str()).collect()
}

impl GateState {
    fn lock(&self) -> MutexGuard<'_, Findings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Findings {
    fn tried_lately(&self, kid: &str, now: Time) -> bool {
        self.probes.get(kid).is_some_and(|(at, result)| {
            now.since(*at) < if result.is_ok() { SEEN_FOR } else { RETRY }
        })
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
