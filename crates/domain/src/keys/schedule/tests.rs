use keywright_jwt::Algorithm;

use super::*;
use crate::secret::Sealed;

fn policy() -> KeyPolicy {
    KeyPolicy {
        default_algorithm: Algorithm::Es256,
        rotation: Period::days(30),
        jwks_max_age: Period::minutes(5),
        longest_token: Period::hours(1),
        gate: crate::keys::Gate::Time,
    }
}

fn ring(algorithm: Algorithm) -> RingId {
    RingId {
        algorithm,
        audience: None,
    }
}

/// Keys without key material, moved as the issuer moves them.
struct World {
    keys: Vec<KeyRecord>,
    wanted: Wanted,
    now: Time,
    made: u32,
}

impl World {
    fn new(algorithms: &[Algorithm]) -> Self {
        let wanted = algorithms.iter().map(|a| (ring(*a), CheckedBy::Services));
        let wanted = wanted.collect();
        Self {
            keys: Vec::new(),
            wanted,
            now: Time::from_secs(1_800_000_000),
            made: 0,
        }
    }

    /// Carries out plans until nothing is due.
    fn settle(&mut self) {
        for _ in 0..8 {
            let steps = plan(&self.keys, &self.wanted, &policy(), self.now);
            if steps.is_empty() {
                return;
            }
            for step in steps {
                match step {
                    Step::Generate(ring) => self.generate(ring),
                    Step::Move { kid, to } => {
                        let key = self.keys.iter_mut().find(|key| key.kid == kid).unwrap();
                        *key = moved(key, to, &policy(), self.now);
                    }
                }
            }
        }
        panic!(
            "a plan that never ends: {:?}",
            plan(&self.keys, &self.wanted, &policy(), self.now)
        );
    }

    fn generate(&mut self, ring: RingId) {
        self.made += 1;
        self.keys.push(KeyRecord {
            kid: format!("k{}", self.made),
            ring,
            public: None,
            sealed: Sealed::from_bytes(Vec::new()),
            state: KeyState::Next,
            created_at: self.now,
            published_at: None,
            activated_at: None,
            verifies_until: None,
            ended_at: None,
        });
    }

    fn in_state(&self, ring: &RingId, state: KeyState) -> Vec<&KeyRecord> {
        self.keys
            .iter()
            .filter(|key| key.ring == *ring && key.state == state)
            .collect()
    }

    fn signer(&self, algorithm: Algorithm) -> String {
        let active = self.in_state(&ring(algorithm), KeyState::Active);
        assert_eq!(active.len(), 1, "exactly one key signs");
        active[0].kid.clone()
    }
}

#[test]
fn a_fresh_issuer_signs_at_once_and_has_a_key_in_waiting() {
    let mut world = World::new(&[Algorithm::Es256, Algorithm::Rs256]);
    world.settle();
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        world.signer(algorithm);
        assert_eq!(
            world.in_state(&ring(algorithm), KeyState::Published).len(),
            1
        );
    }
}

/// Invariant 1, over a year: a verifier that fetched JWKS at any moment and holds it for max-age knows every signer.
#[test]
fn no_key_signs_before_every_verifier_that_obeys_max_age_knows_it() {
    let mut world = World::new(&[Algorithm::Es256]);
    let step = Period::minutes(7);
    world.settle();
    let mut cached: Vec<(Time, BTreeSet<String>)> = Vec::new();
    let mut signers = BTreeSet::new();
    for _ in 0..(365 * 24 * 60 / 7) {
        let served = world
            .keys
            .iter()
            .filter(|key| key.state.is_served())
            .map(|key| key.kid.clone())
            .collect();
        cached.push((world.now, served));
        world.now = world.now + step;
        world.settle();
        let signer = world.signer(Algorithm::Es256);
        cached.retain(|(at, _)| *at + step + policy().jwks_max_age >= world.now);
        for (at, known) in &cached {
            let held = world.now.since(*at) <= policy().jwks_max_age;
            assert!(
                !held || known.contains(&signer),
                "{signer} signs and a verifier does not know it"
            );
        }
        signers.insert(signer);
        assert!(
            world
                .in_state(&ring(Algorithm::Es256), KeyState::Published)
                .len()
                <= 1
        );
    }
    assert_eq!(signers.len(), 13, "a rotation each 30 days");
}

#[test]
fn a_retired_signer_is_served_until_its_last_token_is_dead() {
    let mut world = World::new(&[Algorithm::Es256]);
    world.settle();
    let first = world.signer(Algorithm::Es256);
    world.now = world.now + policy().rotation;
    world.settle();
    assert_ne!(world.signer(Algorithm::Es256), first);
    let state = |world: &World| {
        world
            .keys
            .iter()
            .find(|key| key.kid == first)
            .unwrap()
            .state
    };
    assert_eq!(state(&world), KeyState::Retiring);
    world.now = world.now + policy().longest_token;
    world.settle();
    assert_eq!(state(&world), KeyState::Retiring, "verifiers have leeway");
    world.now = world.now + LEEWAY;
    world.settle();
    assert_eq!(state(&world), KeyState::Retired);
}

#[test]
fn a_new_algorithm_on_a_running_issuer_waits_until_verifiers_know_its_key() {
    let mut world = World::new(&[Algorithm::Es256]);
    world.settle();
    world.now = world.now + Period::days(1);
    world
        .wanted
        .insert(ring(Algorithm::Rs256), CheckedBy::Services);
    world.settle();
    assert!(
        world
            .in_state(&ring(Algorithm::Rs256), KeyState::Active)
            .is_empty()
    );
    world.now = world.now + policy().jwks_max_age;
    world.settle();
    assert!(
        world
            .in_state(&ring(Algorithm::Rs256), KeyState::Active)
            .is_empty(),
        "clocks and nodes differ a little"
    );
    world.now = world.now + SPREAD;
    world.settle();
    world.signer(Algorithm::Rs256);
}

#[test]
fn a_ring_that_no_api_wants_any_more_winds_down() {
    let mut world = World::new(&[Algorithm::Es256, Algorithm::Rs256]);
    world.settle();
    world.wanted.remove(&ring(Algorithm::Rs256));
    world.settle();
    let left: Vec<KeyState> = world
        .keys
        .iter()
        .filter(|k| k.ring == ring(Algorithm::Rs256))
        .map(|k| k.state)
        .collect();
    assert_eq!(left, [KeyState::Retiring, KeyState::Retired]);
}

#[test]
fn a_key_that_signed_before_a_rollback_is_served_on_when_its_ring_winds_down() {
    let mut world = World::new(&[Algorithm::Es256, Algorithm::Rs256]);
    world.settle();
    let es256 = ring(Algorithm::Es256);
    world.now = world.now + policy().rotation;
    world.settle();
    let signed = world.signer(Algorithm::Es256);
    for step in crate::keys::order::rollback(&world.keys, &es256).unwrap() {
        let Step::Move { kid, to } = step else {
            panic!("a rollback only moves keys")
        };
        let key = world.keys.iter_mut().find(|key| key.kid == kid).unwrap();
        *key = moved(key, to, &policy(), world.now);
    }
    world.wanted.remove(&es256);
    world.settle();
    let key = world.keys.iter().find(|key| key.kid == signed).unwrap();
    assert_eq!(key.state, KeyState::Retiring);
}

/// An issuer that has signed with ES256 for a day, and now has a client that wants RS256.
fn with_a_client() -> World {
    let mut world = World::new(&[Algorithm::Es256]);
    world.settle();
    world.now = world.now + Period::days(1);
    world
        .wanted
        .insert(ring(Algorithm::Rs256), CheckedBy::Clients);
    world.settle();
    world
}

impl World {
    fn signs(&self, algorithm: Algorithm) -> bool {
        let mut keys = self.keys.iter();
        keys.any(|key| key.ring == ring(algorithm) && key.state == KeyState::Active)
    }
}

#[test]
fn a_ring_that_clients_alone_check_signs_at_once() {
    let world = with_a_client();
    assert!(world.signs(Algorithm::Rs256));
    let published =
        |key: &&KeyRecord| key.ring == ring(Algorithm::Rs256) && key.state == KeyState::Published;
    assert_eq!(
        world.keys.iter().filter(published).count(),
        1,
        "the next waits"
    );
}

#[test]
fn the_successor_of_a_revoked_key_waits_whoever_checks_it() {
    let mut world = with_a_client();
    let active =
        |key: &&mut KeyRecord| key.ring == ring(Algorithm::Rs256) && key.state == KeyState::Active;
    let now = world.now;
    let key = world.keys.iter_mut().find(active).unwrap();
    *key = moved(key, KeyState::Revoked, &policy(), now);
    world.settle();
    assert!(!world.signs(Algorithm::Rs256));
}

#[test]
fn clients_that_come_back_do_not_wait() {
    let mut world = with_a_client();
    world.wanted.remove(&ring(Algorithm::Rs256));
    world.settle();
    assert!(!world.signs(Algorithm::Rs256), "nobody wants it");
    world.now = world.now + Period::minutes(1);
    world
        .wanted
        .insert(ring(Algorithm::Rs256), CheckedBy::Clients);
    world.settle();
    assert!(world.signs(Algorithm::Rs256));
}
