//! On the way from a master key to a vault, and back.

use std::sync::Arc;

use keywright_custody::{Kept, MixedCustody, Place, SealedCustody};
use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::Custody;
use keywright_domain::secret::Sealed;
use keywright_jwt::Algorithm;

use crate::kit::{Kind, Vault, exchanged, generated, refusal, sealed, sealed_before};

fn mixed(vault: &Vault, new_keys: Place) -> MixedCustody {
    mixed_with(sealed(), vault, new_keys)
}

fn mixed_with(sealed: SealedCustody, vault: &Vault, new_keys: Place) -> MixedCustody {
    let mut kept: Vec<Kept> = vec![
        (Place::MasterKey, Arc::new(sealed)),
        (Place::Pkcs11, vault.custody()),
    ];
    let new = kept.iter().position(|(place, _)| *place == new_keys);
    MixedCustody {
        new_keys: kept.remove(new.unwrap()),
        others: kept,
    }
}

#[test]
fn what_rests_elsewhere_is_refused_by_the_names_of_both_places() {
    let kinds: [(Arc<dyn Custody>, &str, &str); 3] = [
        (
            Arc::new(sealed()),
            "in the database, sealed under a master key",
            "a master key",
        ),
        (
            Kind::Pkcs11.vault().custody(),
            "in a PKCS#11 token",
            "a PKCS#11 token",
        ),
        (
            Kind::Transit.vault().custody(),
            "in a Transit secrets engine",
            "a Transit secrets engine",
        ),
    ];
    for (from, rests, name) in &kinds {
        for (to, _, configured) in kinds.iter().filter(|(_, _, other)| other != name) {
            let told = format!("it rests {rests}, and the configuration names {configured} alone");
            for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
                let key = generated(&**from, algorithm);
                assert!(refusal(to.open(&key)).ends_with(&told));
            }
            let secret = from.seal("audit 1", b"secret").unwrap();
            let refused = to.unseal("audit 1", &secret).unwrap_err();
            assert!(refused.to_string().ends_with(&told), "{refused}");
        }
    }
}

#[test]
fn with_all_three_everything_is_opened_where_it_rests() {
    let (token, engine) = (Kind::Pkcs11.vault(), Kind::Transit.vault());
    let sealed: Arc<dyn Custody> = Arc::new(sealed());
    let all = [sealed, token.custody(), engine.custody()];
    let mixed = MixedCustody {
        new_keys: (Place::Transit, engine.custody()),
        others: vec![
            (Place::MasterKey, all[0].clone()),
            (Place::Pkcs11, token.custody()),
        ],
    };
    for custody in &all {
        let key = generated(&**custody, Algorithm::Es256);
        assert_eq!(mixed.open(&key).unwrap().kid(), key.kid);
        let secret = custody.seal("audit 1", b"secret").unwrap();
        assert_eq!(*mixed.unseal("audit 1", &secret).unwrap(), b"secret");
        if let Some(moved) = mixed.reseal("audit 1", &secret).unwrap() {
            assert_eq!(Place::of(&moved), Some(Place::Transit));
        }
    }
}

#[test]
fn with_both_every_key_is_opened_where_it_rests() {
    let vault = Kind::Pkcs11.vault();
    let mixed = mixed(&vault, Place::Pkcs11);
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        for key in [
            generated(&sealed(), algorithm),
            generated(&*vault.custody(), algorithm),
        ] {
            assert_eq!(mixed.open(&key).unwrap().kid(), key.kid);
            assert_eq!(mixed.reveal(&key).is_ok(), algorithm.is_symmetric());
        }
    }
}

#[test]
fn new_keys_rest_where_the_operator_wants_them_and_server_secrets_move_there() {
    let vault = Kind::Pkcs11.vault();
    let mut before = sealed().seal("audit 1", b"secret").unwrap();
    for place in [Place::Pkcs11, Place::MasterKey] {
        let mixed = mixed(&vault, place);
        let key = generated(&mixed, Algorithm::Es256);
        assert_eq!(Place::of(&key.sealed), Some(place));
        let moved = mixed.reseal("audit 1", &before).unwrap().unwrap();
        assert_eq!(Place::of(&moved), Some(place));
        assert_eq!(*mixed.unseal("audit 1", &moved).unwrap(), b"secret");
        assert_eq!(mixed.reseal("audit 1", &moved), Ok(None));
        assert!(
            mixed.reseal("audit 2", &before).is_err(),
            "bound to its label"
        );
        before = moved;
    }
}

#[test]
fn what_nobody_sealed_is_refused_and_not_sealed_anew() {
    let vault = Kind::Pkcs11.vault();
    for place in [Place::Pkcs11, Place::MasterKey] {
        let mixed = mixed(&vault, place);
        for bytes in [vec![], vec![9; 60]] {
            let foreign = Sealed::from_bytes(bytes);
            assert!(mixed.unseal("audit 1", &foreign).is_err());
            assert!(mixed.reseal("audit 1", &foreign).is_err());
        }
    }
}

#[test]
fn beside_a_vault_keys_under_the_previous_master_key_are_sealed_anew_and_stay_where_they_rest() {
    let vault = Kind::Pkcs11.vault();
    for place in [Place::Pkcs11, Place::MasterKey] {
        let mixed = mixed_with(exchanged(), &vault, place);
        for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
            let key = generated(&sealed_before(), algorithm);
            assert_eq!(mixed.open(&key).unwrap().kid(), key.kid);
            let anew = KeyRecord {
                sealed: mixed.reseal_key(&key).unwrap().unwrap(),
                ..key
            };
            assert_eq!(sealed().open(&anew).unwrap().kid(), anew.kid);
            assert_eq!(mixed.reseal_key(&anew), Ok(None));
            let in_vault = generated(&*vault.custody(), algorithm);
            assert_eq!(mixed.reseal_key(&in_vault), Ok(None));
        }
        let secret = sealed_before().seal("audit 1", b"secret").unwrap();
        let moved = mixed.reseal("audit 1", &secret).unwrap().unwrap();
        assert_eq!(Place::of(&moved), Some(place));
        assert_eq!(*mixed.unseal("audit 1", &moved).unwrap(), b"secret");
        assert_eq!(mixed.reseal("audit 1", &moved), Ok(None));
    }
}
