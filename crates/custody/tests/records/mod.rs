//! Keys as the database has them, for the tests of every custody.

use keywright_domain::Time;
use keywright_domain::keys::{KeyRecord, KeyState, RingId};
use keywright_domain::ports::{Custody, NewKey};
use keywright_jwt::Algorithm;

pub fn record(algorithm: Algorithm, key: NewKey) -> KeyRecord {
    KeyRecord {
        kid: key.kid,
        ring: RingId {
            algorithm,
            audience: None,
        },
        public: key.public,
        sealed: key.sealed,
        state: KeyState::Active,
        created_at: Time::from_secs(0),
        published_at: None,
        activated_at: None,
        verifies_until: None,
        ended_at: None,
    }
}

pub fn generated(custody: &dyn Custody, algorithm: Algorithm) -> KeyRecord {
    record(algorithm, custody.generate(algorithm).unwrap())
}
