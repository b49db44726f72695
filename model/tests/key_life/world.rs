//! The issuer's keys in one ring, a second node that lags, and a verifier that obeys max-age.
//!
//! Every change of a key is computed by the functions that the server calls: `schedule::plan`, `schedule::moved`, `order`.

use std::collections::{BTreeMap, BTreeSet};

use keywright_domain::keys::CheckedBy;
use keywright_domain::keys::Gate;
use keywright_domain::keys::schedule::{self, Step};
use keywright_domain::keys::{Algorithm, KeyRecord, KeyState, RingId, order};
use keywright_domain::policy::KeyPolicy;
use keywright_domain::secret::Sealed;
use keywright_domain::{Period, Time};

use crate::Mutation;

/// In ticks.
pub const MAX_AGE: u8 = 2;
pub const LONGEST_TOKEN: u8 = 2;
/// A new key waits for max-age and the spread; a scheduled rotation may come in between and begin a second wait.
pub const CALM: u8 = 2 * (MAX_AGE + 1);
const ROTATION: u8 = 4;
const TICK: Period = Period::secs(10);

/// A key without material: what of a record the rules look at, in ticks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kid: u8,
    state: KeyState,
    published_at: Option<u8>,
    activated_at: Option<u8>,
    verifies_until: Option<u8>,
    ended_at: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub now: u8,
    keys: Vec<Key>,
    /// What the second node still believes, and for how many ticks it has.
    lagging: Option<(Vec<Key>, u8)>,
    /// What the verifier holds, and for how many ticks it has; nothing that is older than max-age.
    cache: Option<(BTreeSet<u8>, u8)>,
    /// When each key signed last, on either node.
    signed: BTreeMap<u8, u8>,
    /// When operators revoked which keys.
    revoked: BTreeMap<u8, u8>,
    wanted: bool,
    orders_left: u8,
    /// An operator has accepted that nothing signs for a while.
    pub forced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Tick,
    /// The verifier fetches the key set from the first or from the second node.
    Fetch {
        second: bool,
    },
    /// The second node reads what has changed.
    CatchUp,
    Rotate,
    RollBack,
    Revoke {
        kid: u8,
        force: bool,
    },
    /// No API uses the algorithm any more, or one does again.
    Want(bool),
}

impl World {
    /// A fresh issuer whose first key has just begun to sign.
    pub fn fresh(mutation: Mutation, orders: u8) -> Self {
        let mut world = Self {
            now: 0,
            keys: Vec::new(),
            lagging: None,
            cache: None,
            signed: BTreeMap::new(),
            revoked: BTreeMap::new(),
            wanted: true,
            orders_left: orders,
            forced: false,
        };
        world.settle(mutation);
        // Nobody can have cached another set than the first: every node has it before it serves.
        world.lagging = None;
        world.sign();
        world
    }

    pub fn possible(&self, mutation: Mutation) -> Vec<Event> {
        let mut events = vec![Event::Tick, Event::Fetch { second: false }];
        if self.lagging.is_some() {
            events.extend([Event::Fetch { second: true }, Event::CatchUp]);
        }
        if self.orders_left > 0 {
            events.extend([Event::Rotate, Event::RollBack, Event::Want(!self.wanted)]);
            for key in self.keys.iter().filter(|key| key.state.is_served()) {
                let force = mutation == Mutation::AlwaysForced;
                events.push(Event::Revoke {
                    kid: key.kid,
                    force,
                });
                if !force && self.active().any(|kid| kid == key.kid) {
                    events.push(Event::Revoke {
                        kid: key.kid,
                        force: true,
                    });
                }
            }
        }
        events
    }

    pub fn after(&self, event: Event, mutation: Mutation) -> Option<Self> {
        let mut world = self.clone();
        match event {
            Event::Tick => world.tick(mutation),
            Event::Fetch { second } => world.fetch(second),
            Event::CatchUp => world.lagging = None,
            Event::Rotate | Event::RollBack | Event::Revoke { .. } | Event::Want(_) => {
                world.orders_left -= 1;
                world.obey(event, mutation)?;
                world.settle(mutation);
            }
        }
        world.sign();
        (world != *self).then_some(world)
    }

    fn tick(&mut self, mutation: Mutation) {
        self.now += 1;
        let most = if mutation == Mutation::NodeLags { 4 } else { 1 };
        if let Some((_, age)) = &mut self.lagging {
            *age += 1;
        }
        self.cache = self.cache.take().and_then(|(known, age)| {
            // RFC 9111 §4.2: fresh while the lifetime is greater than the age.
            (age + 1 < MAX_AGE).then_some((known, age + 1))
        });
        self.settle(mutation);
        self.lagging = self.lagging.take().filter(|(_, age)| *age <= most);
    }

    fn fetch(&mut self, second: bool) {
        let keys = match &self.lagging {
            Some((old, _)) if second => old,
            _ => &self.keys,
        };
        let served = keys.iter().filter(|key| key.state.is_served());
        self.cache = Some((served.map(|key| key.kid).collect(), 0));
    }

    /// `None` if the order is refused.
    fn obey(&mut self, event: Event, mutation: Mutation) -> Option<()> {
        let (records, policy, now) = (self.records(), policy(mutation), time(self.now));
        let steps = match event {
            Event::Rotate => order::rotation(&records, &ring(), &policy, now).ok()?,
            Event::RollBack => order::rollback(&records, &ring()).ok()?,
            Event::Revoke { kid, force } => {
                let steps = order::revocation(&records, &name(kid), force, &policy, now).ok()?;
                self.revoked.insert(kid, self.now);
                self.forced |= force && mutation != Mutation::AlwaysForced;
                steps
            }
            Event::Want(wanted) => {
                self.wanted = wanted;
                // A ring that comes back has to wait for verifiers; another one signs meanwhile.
                self.forced = true;
                Vec::new()
            }
            Event::Tick | Event::Fetch { .. } | Event::CatchUp => return None,
        };
        self.carry_out(&steps, mutation);
        Some(())
    }

    /// As `Issuer::tick` does: plans and carries out until nothing is due.
    fn settle(&mut self, mutation: Mutation) {
        let wanted = self.wanted.then(ring).into_iter();
        let wanted = wanted.map(|ring| (ring, CheckedBy::Services)).collect();
        loop {
            let records = self.records();
            let mut steps = schedule::plan(&records, &wanted, &policy(mutation), time(self.now));
            if mutation == Mutation::NoneInWaiting && !self.keys.is_empty() {
                steps.retain(|step| !matches!(step, Step::Generate(_)));
            }
            if steps.is_empty() {
                return;
            }
            self.carry_out(&steps, mutation);
        }
    }

    fn carry_out(&mut self, steps: &[Step], mutation: Mutation) {
        // A node that is behind already stays at what it read then.
        let before = self.keys.clone();
        for step in steps {
            match step {
                Step::Generate(_) => self.keys.push(Key::new(self.keys.len())),
                Step::Move { kid, to } => {
                    let to = match (mutation, to) {
                        (Mutation::RetiresAtOnce, KeyState::Retiring) => KeyState::Retired,
                        (Mutation::RevokedIsServed, KeyState::Revoked) => KeyState::Retiring,
                        _ => *to,
                    };
                    let (policy, now) = (policy(mutation), time(self.now));
                    for key in self.keys.iter_mut().filter(|key| name(key.kid) == *kid) {
                        let record = schedule::moved(&key.record(), to, &policy, now);
                        *key = Key::of(key.kid, &record);
                    }
                }
            }
        }
        self.lagging.get_or_insert((before, 0));
    }

    /// Every node signs all the time.
    fn sign(&mut self) {
        let now = self.now;
        let signers: Vec<u8> = self.signers().collect();
        self.signed
            .extend(signers.into_iter().map(|kid| (kid, now)));
        // What died long ago needs no place in the state.
        self.signed.retain(|_, at| *at + LONGEST_TOKEN > now);
    }

    fn records(&self) -> Vec<KeyRecord> {
        self.keys.iter().map(Key::record).collect()
    }
}

/// What the properties ask.
impl World {
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// Keys that the store has active.
    pub fn active(&self) -> impl Iterator<Item = u8> {
        active(&self.keys)
    }

    /// Keys with which some node signs now.
    pub fn signers(&self) -> impl Iterator<Item = u8> {
        let old = self.lagging.iter().flat_map(|(keys, _)| active(keys));
        active(&self.keys).chain(old)
    }

    pub fn cache(&self) -> Option<&BTreeSet<u8>> {
        self.cache.as_ref().map(|(known, _)| known)
    }

    pub fn signed_last(&self) -> impl Iterator<Item = (u8, u8)> {
        self.signed.iter().map(|(kid, at)| (*kid, *at))
    }

    pub fn is_served(&self, kid: u8) -> bool {
        self.keys
            .iter()
            .any(|key| key.kid == kid && key.state.is_served())
    }

    pub fn revoked_at(&self, kid: u8) -> Option<u8> {
        self.revoked.get(&kid).copied()
    }

    /// Whether the world comes to a point from which operators can go on, if nobody orders anything for some ticks.
    pub fn becomes_workable(&self, ticks: u8, mutation: Mutation) -> bool {
        let mut world = self.clone();
        for _ in 0..ticks {
            if world.is_workable() {
                return true;
            }
            world.tick(mutation);
        }
        world.is_workable()
    }

    /// One key signs, and neither rotating nor revoking it is refused.
    fn is_workable(&self) -> bool {
        let (records, policy, now) = (self.records(), policy(Mutation::Nothing), time(self.now));
        let can_revoke =
            |kid: u8| order::revocation(&records, &name(kid), false, &policy, now).is_ok();
        self.active().count() == 1
            && self.active().all(can_revoke)
            && order::rotation(&records, &ring(), &policy, now).is_ok()
    }
}

fn active(keys: &[Key]) -> impl Iterator<Item = u8> {
    let signing = |key: &&Key| key.state == KeyState::Active;
    keys.iter().filter(signing).map(|key| key.kid)
}

impl Key {
    fn new(number: usize) -> Self {
        Self {
            kid: u8::try_from(number).expect("few keys"),
            state: KeyState::Next,
            published_at: None,
            activated_at: None,
            verifies_until: None,
            ended_at: None,
        }
    }

    fn record(&self) -> KeyRecord {
        KeyRecord {
            kid: name(self.kid),
            ring: ring(),
            public: None,
            sealed: Sealed::from_bytes(Vec::new()),
            state: self.state,
            created_at: time(0),
            published_at: self.published_at.map(time),
            activated_at: self.activated_at.map(time),
            verifies_until: self.verifies_until.map(time),
            ended_at: self.ended_at.map(time),
        }
    }

    fn of(kid: u8, record: &KeyRecord) -> Self {
        Self {
            kid,
            state: record.state,
            published_at: record.published_at.map(tick_of),
            activated_at: record.activated_at.map(tick_of),
            verifies_until: record.verifies_until.map(tick_of),
            ended_at: record.ended_at.map(tick_of),
        }
    }
}

fn policy(mutation: Mutation) -> KeyPolicy {
    let max_age = if mutation == Mutation::SignsAtOnce {
        0
    } else {
        MAX_AGE
    };
    KeyPolicy {
        default_algorithm: Algorithm::Es256,
        rotation: ticks(ROTATION),
        jwks_max_age: ticks(max_age),
        longest_token: ticks(LONGEST_TOKEN),
        gate: Gate::Time,
    }
}

fn ring() -> RingId {
    RingId {
        algorithm: Algorithm::Es256,
        audience: None,
    }
}

fn name(kid: u8) -> String {
    format!("k{kid}")
}

fn ticks(count: u8) -> Period {
    Period::millis(TICK.as_millis() * i64::from(count))
}

fn time(tick: u8) -> Time {
    keywright_model::standing::START + ticks(tick)
}

fn tick_of(time: Time) -> u8 {
    let since = time.since(keywright_model::standing::START);
    u8::try_from(since.as_millis() / TICK.as_millis()).expect("a short world")
}
