//! What an attacker who can write to the database, or an operator with the wrong master key, meets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use keywright_custody::{MasterKey, SealedCustody};
use keywright_domain::Time;
use keywright_domain::keys::{KeyRecord, KeyState, RingId};
use keywright_domain::ports::{Custody, CustodyError, NewKey};
use keywright_domain::secret::Sealed;
use keywright_jwt::Algorithm;

const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "HxwdHhsYGRoXFBUWExAREg8MDQ4LCAkKBwQFBgMAAQI=";

fn custody(master: &str) -> SealedCustody {
    SealedCustody::new(&MasterKey::from_base64(master).unwrap()).unwrap()
}

fn record(algorithm: Algorithm, key: NewKey) -> KeyRecord {
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

fn generated(algorithm: Algorithm) -> KeyRecord {
    record(algorithm, custody(MASTER).generate(algorithm).unwrap())
}

fn refusal(
    opened: Result<std::sync::Arc<dyn keywright_domain::ports::Signer>, CustodyError>,
) -> String {
    match opened {
        Ok(_) => panic!("the key was opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_key_of_every_algorithm_is_opened_again_and_signs() {
    for algorithm in Algorithm::ALL {
        let key = generated(algorithm);
        assert_eq!(key.public.is_none(), algorithm.is_symmetric());
        let signer = custody(MASTER).open(&key).unwrap();
        assert_eq!(
            (signer.kid(), signer.algorithm()),
            (key.kid.as_str(), algorithm)
        );
        assert_eq!(signer.sign("at+jwt", b"{}").unwrap().split('.').count(), 3);
    }
}

#[test]
fn another_master_key_is_named_as_the_cause() {
    let key = generated(Algorithm::Es256);
    let refused = custody(OTHER).open(&key).err();
    assert!(
        matches!(refused, Some(CustodyError::WrongMasterKey { label }) if label.contains(&key.kid))
    );
}

#[test]
fn a_sealed_key_does_not_open_under_the_name_of_another() {
    let (mut one, other) = (generated(Algorithm::Es256), generated(Algorithm::Es256));
    one.sealed = other.sealed;
    assert!(refusal(custody(MASTER).open(&one)).contains("belong to another key"));
}

#[test]
fn a_key_is_not_opened_for_another_algorithm() {
    let mut key = generated(Algorithm::Rs256);
    key.ring.algorithm = Algorithm::Ps256;
    assert!(refusal(custody(MASTER).open(&key)).contains("belong to another key"));
}

#[test]
fn a_public_half_of_another_key_is_noticed_before_verifiers_are_served_it() {
    let mut key = generated(Algorithm::EdDsa);
    key.public = generated(Algorithm::EdDsa).public;
    assert!(refusal(custody(MASTER).open(&key)).contains("does not verify what it signs"));
    key.public = None;
    assert!(refusal(custody(MASTER).open(&key)).contains("public half is missing"));
}

#[test]
fn every_flipped_byte_is_refused() {
    let custody = custody(MASTER);
    let sealed = custody.seal("refresh 1", b"secret").unwrap();
    for at in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[at] ^= 1;
        assert!(
            custody
                .unseal("refresh 1", &Sealed::from_bytes(bytes))
                .is_err(),
            "byte {at}"
        );
    }
    assert_eq!(*custody.unseal("refresh 1", &sealed).unwrap(), b"secret");
}

#[test]
fn every_truncation_is_refused() {
    let custody = custody(MASTER);
    let sealed = custody.seal("refresh 1", b"secret").unwrap();
    for length in 0..sealed.as_bytes().len() {
        let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
        assert!(custody.unseal("refresh 1", &cut).is_err(), "{length} bytes");
    }
}

#[test]
fn a_later_format_is_refused_with_its_number() {
    let custody = custody(MASTER);
    let mut bytes = custody
        .seal("audit 1", b"secret")
        .unwrap()
        .as_bytes()
        .to_vec();
    bytes[0] = 7;
    let refused = custody
        .unseal("audit 1", &Sealed::from_bytes(bytes))
        .unwrap_err();
    assert!(refused.to_string().contains("version 7"));
}

#[test]
fn server_secrets_cannot_be_swapped_or_pass_for_signing_keys() {
    let custody = custody(MASTER);
    let refresh = custody.seal("refresh 1", b"secret").unwrap();
    assert!(custody.unseal("refresh 2", &refresh).is_err());
    let key = generated(Algorithm::Hs256);
    assert!(
        custody
            .unseal(&format!("HS256 {}", key.kid), &key.sealed)
            .is_err()
    );
}

#[test]
fn the_same_secret_never_seals_to_the_same_bytes() {
    let custody = custody(MASTER);
    assert_ne!(
        custody.seal("a", b"secret").unwrap(),
        custody.seal("a", b"secret").unwrap()
    );
}

#[test]
fn nothing_secret_is_shown() {
    let master = MasterKey::from_base64(MASTER).unwrap();
    let shown = format!("{master:?} {:?}", SealedCustody::new(&master).unwrap());
    assert_eq!(shown, "MasterKey(…) SealedCustody(…)");
}
