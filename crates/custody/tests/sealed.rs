//! What is particular to a master key; what it has in common with other custodies is in `vault/conformance.rs`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod records;

use keywright_custody::{MasterKey, SealedCustody};
use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError};
use keywright_domain::secret::Sealed;
use keywright_jwt::Algorithm;

const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "HxwdHhsYGRoXFBUWExAREg8MDQ4LCAkKBwQFBgMAAQI=";

fn custody(key: &str) -> SealedCustody {
    SealedCustody::new(&master(key)).unwrap()
}

fn master(key: &str) -> MasterKey {
    MasterKey::from_base64(key).unwrap()
}

/// `new` takes over from `old`.
fn exchanged(new: &str, old: &str) -> SealedCustody {
    custody(new).with_previous(&master(old)).unwrap()
}

fn generated(algorithm: Algorithm) -> KeyRecord {
    records::generated(&custody(MASTER), algorithm)
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
fn another_master_key_is_named_as_the_cause() {
    let key = generated(Algorithm::Es256);
    let refused = custody(OTHER).open(&key).err();
    assert!(
        matches!(refused, Some(CustodyError::WrongMasterKey { label }) if label.contains(&key.kid))
    );
}

#[test]
fn what_the_previous_master_key_sealed_opens_and_is_sealed_anew_for_the_new_one_alone() {
    // There, and back again: an operator who took one for the other.
    for (old, new) in [(MASTER, OTHER), (OTHER, MASTER)] {
        let both = exchanged(new, old);
        for algorithm in Algorithm::ALL {
            let key = records::generated(&custody(old), algorithm);
            assert_eq!(both.open(&key).unwrap().kid(), key.kid);
            let anew = KeyRecord {
                sealed: both.reseal_key(&key).unwrap().unwrap(),
                ..key
            };
            assert_eq!(custody(new).open(&anew).unwrap().kid(), anew.kid);
            assert!(refusal(custody(old).open(&anew)).contains("another master key"));
        }
        let secret = custody(old).seal("audit 1", b"secret").unwrap();
        assert_eq!(*both.unseal("audit 1", &secret).unwrap(), b"secret");
        let anew = both.reseal("audit 1", &secret).unwrap().unwrap();
        assert_eq!(*custody(new).unseal("audit 1", &anew).unwrap(), b"secret");
        assert!(custody(old).unseal("audit 1", &anew).is_err());
    }
}

#[test]
fn what_is_damaged_or_bears_another_name_is_not_sealed_anew() {
    let (before, both) = (custody(OTHER), exchanged(MASTER, OTHER));
    let secret = before.seal("audit 1", b"secret").unwrap();
    assert!(both.reseal("audit 2", &secret).is_err());
    let (whole, key) = (
        secret.as_bytes(),
        records::generated(&before, Algorithm::Es256),
    );
    // Behind the header, which says whose it is.
    for at in 5..whole.len() {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 1;
        assert!(both.reseal("audit 1", &Sealed::from_bytes(bytes)).is_err());
        let short = Sealed::from_bytes(whole[..at].to_vec());
        assert!(both.reseal("audit 1", &short).is_err());
    }
    let other = KeyRecord {
        kid: "other".to_owned(),
        ..key
    };
    assert!(both.reseal_key(&other).is_err());
}

#[test]
fn what_neither_master_key_sealed_is_refused_by_its_name() {
    let third = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    let (both, key) = (
        exchanged(MASTER, OTHER),
        records::generated(&custody(third), Algorithm::Es256),
    );
    let refused = both.open(&key).err();
    assert!(
        matches!(refused, Some(CustodyError::WrongMasterKey { label }) if label.contains(&key.kid))
    );
    assert_eq!(both.reseal_key(&key), Ok(None));
}

#[test]
fn a_master_key_does_not_take_over_from_itself() {
    let refused = custody(MASTER).with_previous(&master(MASTER)).unwrap_err();
    assert!(refused.to_string().contains("it is the master key itself"));
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
fn nothing_secret_is_shown() {
    let master = MasterKey::from_base64(MASTER).unwrap();
    let shown = format!("{master:?} {:?}", SealedCustody::new(&master).unwrap());
    assert_eq!(shown, "MasterKey(…) SealedCustody(…)");
}
