//! Each of these runs on a master key, on one that takes over from another, on a token and on a vault.

use std::thread;

use keywright_domain::ports::CustodyError;
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, VerifyingKey};

use crate::kit::{Kind, generated, refusal, signs};

macro_rules! on_each_custody {
    ($($test:ident),+ $(,)?) => {
        mod master_key {
            $(#[test] fn $test() { super::$test(super::Kind::Sealed); })+
        }
        mod exchanged_master_key {
            $(#[test] fn $test() { super::$test(super::Kind::Exchanged); })+
        }
        mod pkcs11 {
            $(#[test] fn $test() { super::$test(super::Kind::Pkcs11); })+
        }
        mod transit {
            $(#[test] fn $test() { super::$test(super::Kind::Transit); })+
        }
    };
}

on_each_custody! {
    a_key_of_every_algorithm_is_opened_after_a_restart_and_signs,
    a_public_half_of_another_key_is_noticed_before_verifiers_are_served_it,
    a_key_does_not_open_under_the_name_of_another,
    a_key_is_not_opened_for_another_algorithm,
    a_key_of_another_vault_does_not_open,
    a_symmetric_key_is_revealed_and_a_private_half_never,
    a_server_secret_opens_under_its_own_label_alone,
    every_flipped_byte_of_a_secret_is_refused,
    every_truncation_of_a_secret_is_refused,
    the_same_secret_never_seals_to_the_same_bytes,
    many_threads_sign_at_once,
    what_rests_here_is_not_sealed_anew,
}

fn a_key_of_every_algorithm_is_opened_after_a_restart_and_signs(kind: Kind) {
    let vault = kind.vault();
    for algorithm in Algorithm::ALL {
        let custody = vault.custody();
        custody.supports(algorithm).unwrap();
        let key = generated(&*custody, algorithm);
        drop(custody);
        let custody = vault.custody();
        let signer = custody.open(&key).unwrap();
        assert_eq!((signer.kid(), signer.algorithm()), (&*key.kid, algorithm));
        assert_eq!(signer.ready(), Ok(()));
        let public = match &key.public {
            Some(jwk) => {
                assert_eq!(jwk.thumbprint(), key.kid, "named by its thumbprint");
                VerifyingKey::from_jwk(jwk, algorithm)
            }
            None => {
                let secret = custody.reveal(&key).unwrap();
                VerifyingKey::from_secret(algorithm, secret.as_bytes())
            }
        };
        assert!(signs(&*signer, &public.unwrap()), "{algorithm}");
        assert_eq!(key.public.is_none(), algorithm.is_symmetric());
    }
}

fn a_public_half_of_another_key_is_noticed_before_verifiers_are_served_it(kind: Kind) {
    let custody = kind.vault().custody();
    let (mut key, other) = (
        generated(&*custody, Algorithm::EdDsa),
        generated(&*custody, Algorithm::EdDsa),
    );
    key.public = other.public.clone();
    refusal(custody.open(&key));
    key.kid = other.kid;
    refusal(custody.open(&key));
    key.public = None;
    assert!(custody.open(&key).is_err());
}

fn a_key_does_not_open_under_the_name_of_another(kind: Kind) {
    let custody = kind.vault().custody();
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let mut one = generated(&*custody, algorithm);
        one.sealed = generated(&*custody, algorithm).sealed;
        refusal(custody.open(&one));
    }
}

fn a_key_is_not_opened_for_another_algorithm(kind: Kind) {
    let custody = kind.vault().custody();
    for (made, meant) in [
        (Algorithm::Rs256, Algorithm::Ps256),
        (Algorithm::Hs256, Algorithm::Hs512),
        (Algorithm::Es256, Algorithm::Hs256),
    ] {
        let mut key = generated(&*custody, made);
        key.ring.algorithm = meant;
        refusal(custody.open(&key));
    }
}

fn a_key_of_another_vault_does_not_open(kind: Kind) {
    let (one, other) = kind.two_vaults();
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let key = generated(&*one.custody(), algorithm);
        let refused = other.custody().open(&key).err().unwrap();
        let expected = match kind {
            Kind::Sealed | Kind::Exchanged => {
                matches!(&refused, CustodyError::WrongMasterKey { .. })
            }
            Kind::Pkcs11 => refused.to_string().contains("is not in the token"),
            Kind::Transit => ["is not in the Transit engine", "key not found"]
                .iter()
                .any(|told| refused.to_string().contains(told)),
        };
        assert!(
            expected && refused.to_string().contains(&key.kid),
            "{refused}"
        );
    }
    let secret = one.custody().seal("audit 1", b"secret").unwrap();
    assert!(other.custody().unseal("audit 1", &secret).is_err());
}

fn a_symmetric_key_is_revealed_and_a_private_half_never(kind: Kind) {
    let custody = kind.vault().custody();
    for algorithm in Algorithm::ALL {
        let revealed = custody.reveal(&generated(&*custody, algorithm));
        match algorithm.is_symmetric() {
            true => assert!(revealed.unwrap().as_bytes().len() >= 32),
            false => assert!(revealed.unwrap_err().to_string().contains("never leaves")),
        }
    }
}

fn a_server_secret_opens_under_its_own_label_alone(kind: Kind) {
    let vault = kind.vault();
    let sealed = vault.custody().seal("refresh 1", b"secret").unwrap();
    let custody = vault.custody();
    assert_eq!(*custody.unseal("refresh 1", &sealed).unwrap(), b"secret");
    for other in ["refresh 2", "", "refresh 1 "] {
        let refused = custody.unseal(other, &sealed).unwrap_err();
        assert!(refused.to_string().contains("belong to another key"));
    }
    let key = generated(&*custody, Algorithm::Hs256);
    let label = format!("HS256 {}", key.kid);
    assert!(custody.unseal(&label, &key.sealed).is_err());
}

fn every_flipped_byte_of_a_secret_is_refused(kind: Kind) {
    let custody = kind.vault().custody();
    let sealed = custody.seal("refresh 1", b"secret").unwrap();
    for at in 0..sealed.as_bytes().len() {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[at] ^= 1;
        let refused = custody.unseal("refresh 1", &Sealed::from_bytes(bytes));
        let refused = refused.unwrap_err();
        let damaged = !matches!(refused, CustodyError::Unavailable(_));
        assert!(damaged, "byte {at}: {refused}");
    }
    assert_eq!(*custody.unseal("refresh 1", &sealed).unwrap(), b"secret");
}

fn every_truncation_of_a_secret_is_refused(kind: Kind) {
    let custody = kind.vault().custody();
    let sealed = custody.seal("refresh 1", b"secret").unwrap();
    for length in 0..sealed.as_bytes().len() {
        let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
        assert!(custody.unseal("refresh 1", &cut).is_err(), "{length} bytes");
    }
}

fn the_same_secret_never_seals_to_the_same_bytes(kind: Kind) {
    let custody = kind.vault().custody();
    let seal = || custody.seal("a", b"secret").unwrap();
    assert_ne!(seal(), seal());
}

fn many_threads_sign_at_once(kind: Kind) {
    let custody = kind.vault().custody();
    let key = generated(&*custody, Algorithm::Es256);
    let public = VerifyingKey::from_jwk(key.public.as_ref().unwrap(), Algorithm::Es256).unwrap();
    let signer = custody.open(&key).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!((0..25).all(|_| signs(&*signer, &public))));
        }
    });
}

fn what_rests_here_is_not_sealed_anew(kind: Kind) {
    let custody = kind.vault().custody();
    let sealed = custody.seal("audit 1", b"secret").unwrap();
    assert_eq!(custody.reseal("audit 1", &sealed), Ok(None));
    for algorithm in [Algorithm::Es256, Algorithm::Hs256] {
        let key = generated(&*custody, algorithm);
        assert_eq!(custody.reseal_key(&key), Ok(None));
    }
}
