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

fn custody(master: &str) -> SealedCustody {
    SealedCustody::new(&MasterKey::from_base64(master).unwrap()).unwrap()
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
