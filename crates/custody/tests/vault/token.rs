//! What only a token can do to us.

use std::sync::Arc;

use cryptoki::context::Pkcs11;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use keywright_custody::{Pkcs11Custody, Pkcs11Error, Pkcs11Settings};
use keywright_domain::ports::{Custody, Signer};
use keywright_domain::secret::PlainSecret;
use keywright_jwt::{Algorithm, VerifyingKey};

use crate::kit::{PIN, generated, module, new_token, record, settings, signs};

/// Behind the custody's back, in the same process.
fn session(token: &str) -> Session {
    let library = Pkcs11::new(module()).unwrap();
    let slots = library.get_slots_with_initialized_token().unwrap();
    let slot = slots
        .into_iter()
        .find(|slot| library.get_token_info(*slot).unwrap().label() == token);
    library.open_rw_session(slot.unwrap()).unwrap()
}

/// A session of whoever changed the PIN, and what it is now.
fn change_pin(token: &str) -> (Session, &'static str) {
    let (officer, new) = (session(token), "changed-pin");
    officer
        .set_pin(&AuthPin::new(PIN.into()), &AuthPin::new(new.into()))
        .unwrap();
    (officer, new)
}

/// A new key, and what verifies its signatures.
fn signer(custody: &Pkcs11Custody, algorithm: Algorithm) -> (Arc<dyn Signer>, VerifyingKey) {
    let key = generated(custody, algorithm);
    let public = VerifyingKey::from_jwk(key.public.as_ref().unwrap(), algorithm).unwrap();
    (custody.open(&key).unwrap(), public)
}

fn refused(settings: Pkcs11Settings) -> Pkcs11Error {
    Pkcs11Custody::open(settings).expect_err("a refusal")
}

#[test]
fn a_private_key_cannot_leave_its_token_and_the_database_has_its_name_alone() {
    let token = new_token();
    let custody = Pkcs11Custody::open(settings(&token)).unwrap();
    custody.seal("audit 1", b"secret").unwrap();
    let session = session(&token);
    for algorithm in [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
        Algorithm::Rs256,
    ] {
        let key = generated(&custody, algorithm);
        assert_eq!(key.sealed.as_bytes().len(), 17);
        let label = format!("keywright {algorithm} {}", key.kid).into_bytes();
        let id = Attribute::Id(key.sealed.as_bytes()[1..].to_vec());
        for class in [ObjectClass::PRIVATE_KEY, ObjectClass::PUBLIC_KEY] {
            let named = [
                id.clone(),
                Attribute::Label(label.clone()),
                Attribute::Class(class),
            ];
            assert_eq!(session.find_objects(&named).unwrap().len(), 1);
        }
    }
    let secret = [
        (ObjectClass::PRIVATE_KEY, AttributeType::Value),
        (ObjectClass::PRIVATE_KEY, AttributeType::PrivateExponent),
        (ObjectClass::SECRET_KEY, AttributeType::Value),
    ];
    for (class, material) in secret {
        let all = session.find_objects(&[Attribute::Class(class)]).unwrap();
        assert!(!all.is_empty());
        for key in all {
            let asked = [
                AttributeType::AlwaysSensitive,
                AttributeType::NeverExtractable,
            ];
            let attributes = session.get_attributes(key, &asked).unwrap();
            let expected = [
                Attribute::AlwaysSensitive(true),
                Attribute::NeverExtractable(true),
            ];
            assert_eq!(attributes, expected);
            assert_eq!(
                session.get_attributes(key, &[material]).unwrap_or_default(),
                []
            );
        }
    }
}

#[test]
fn a_module_that_is_not_there_or_is_none_is_named() {
    for module in ["/nonexistent/libhsm.so", "/lib/x86_64-linux-gnu/libm.so.6"] {
        let refused = refused(Pkcs11Settings {
            module: module.into(),
            ..settings("any")
        });
        assert!(matches!(refused, Pkcs11Error::Module { .. }), "{refused}");
        assert!(refused.to_string().contains(module));
    }
}

#[test]
fn a_token_that_is_not_there_is_refused_with_those_that_are() {
    let there = new_token();
    let told = refused(settings("nobodys")).to_string();
    assert!(told.contains("no token `nobodys`") && told.contains(&format!("`{there}`")));
}

#[test]
fn a_token_is_found_by_its_serial_number_too_and_a_label_must_be_one_tokens() {
    let token = new_token();
    let library = Pkcs11::new(module()).unwrap();
    let custody = Pkcs11Custody::open(settings(&token)).unwrap();
    let slot = session(&token).get_session_info().unwrap().slot_id();
    let serial = library
        .get_token_info(slot)
        .unwrap()
        .serial_number()
        .to_owned();
    let key = generated(&custody, Algorithm::Es256);
    let found = Pkcs11Custody::open(settings(&serial)).unwrap();
    assert!(found.open(&key).is_ok());
}

#[test]
fn a_wrong_pin_is_refused_and_never_shown() {
    let wrong = Pkcs11Settings {
        pin: PlainSecret::new("hunter2"),
        ..settings(&new_token())
    };
    let shown = format!("{wrong:?}");
    let refused = refused(wrong);
    assert!(matches!(refused, Pkcs11Error::WrongPin), "{refused}");
    assert!(!shown.contains("hunter2") && !refused.to_string().contains("hunter2"));
}

#[test]
fn a_wrong_pin_at_reload_is_refused_and_the_one_before_goes_on() {
    let custody = Pkcs11Custody::open(settings(&new_token())).unwrap();
    let (signer, public) = signer(&custody, Algorithm::Es256);
    for _ in 0..3 {
        let refused = custody.take_pin(PlainSecret::new("hunter2")).unwrap_err();
        assert!(matches!(refused, Pkcs11Error::WrongPin), "{refused}");
        assert!(signs(&*signer, &public));
    }
    custody.take_pin(PlainSecret::new(PIN)).unwrap();
    assert!(signs(&*signer, &public));
}

#[test]
fn a_pin_that_was_changed_at_the_token_is_taken_up() {
    let token = new_token();
    let custody = Pkcs11Custody::open(settings(&token)).unwrap();
    let (signer, public) = signer(&custody, Algorithm::Es256);
    let (officer, new) = change_pin(&token);
    custody.take_pin(PlainSecret::new(new)).unwrap();
    // The old one is out of use: after a logout nobody gets in with it, and the custody does.
    officer.logout().unwrap();
    let old = AuthPin::new(PIN.into());
    assert!(officer.login(UserType::User, Some(&old)).is_err());
    assert!(signs(&*signer, &public), "logged in again by itself");
}

#[test]
fn a_pin_that_has_become_wrong_is_tried_once_however_many_ask() {
    let token = new_token();
    let custody = Pkcs11Custody::open(Pkcs11Settings {
        sessions: 16,
        ..settings(&token)
    });
    let custody = custody.unwrap();
    let (signer, public) = signer(&custody, Algorithm::Es256);
    let (officer, new) = change_pin(&token);
    officer.logout().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let refused = signer.sign("at+jwt", b"{}").unwrap_err().to_string();
                assert!(refused.contains("refuses the PIN"), "{refused}");
            });
        }
    });
    let slot = officer.get_session_info().unwrap().slot_id();
    let info = Pkcs11::new(module()).unwrap().get_token_info(slot).unwrap();
    assert!(!info.user_pin_locked());
    assert!(signer.ready().is_err());
    custody.take_pin(PlainSecret::new(new)).unwrap();
    assert!(signs(&*signer, &public));
}

#[test]
fn a_logout_behind_our_back_is_made_good() {
    let token = new_token();
    let custody = Pkcs11Custody::open(settings(&token)).unwrap();
    let (signer, public) = signer(&custody, Algorithm::EdDsa);
    for _ in 0..3 {
        session(&token).logout().unwrap();
        assert!(signs(&*signer, &public));
    }
}

#[test]
fn a_key_that_was_destroyed_signs_nothing_and_the_others_go_on() {
    let token = new_token();
    let custody = Pkcs11Custody::open(settings(&token)).unwrap();
    let (lost, kept) = (
        generated(&custody, Algorithm::Es256),
        generated(&custody, Algorithm::Es256),
    );
    let public = VerifyingKey::from_jwk(kept.public.as_ref().unwrap(), Algorithm::Es256).unwrap();
    let (signer, other) = (custody.open(&lost).unwrap(), custody.open(&kept).unwrap());
    let session = session(&token);
    let id = Attribute::Id(lost.sealed.as_bytes()[1..].to_vec());
    for object in session.find_objects(&[id]).unwrap() {
        session.destroy_object(object).unwrap();
    }
    let refused = signer.sign("at+jwt", b"{}").unwrap_err().to_string();
    assert!(refused.contains("is not in the token"), "{refused}");
    assert!(signs(&*other, &public), "the others go on");
}

#[test]
fn two_nodes_that_start_at_once_read_what_either_sealed() {
    let token = new_token();
    let nodes: Vec<_> = (0..2)
        .map(|_| Pkcs11Custody::open(settings(&token)).unwrap())
        .collect();
    let sealed: Vec<_> = std::thread::scope(|scope| {
        let seal = |node: &Pkcs11Custody| node.seal("audit 1", b"secret").unwrap();
        let both: Vec<_> = nodes
            .iter()
            .map(|node| scope.spawn(move || seal(node)))
            .collect();
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for node in &nodes {
        for secret in &sealed {
            assert_eq!(*node.unseal("audit 1", secret).unwrap(), b"secret");
        }
    }
    let key = nodes[0].generate(Algorithm::Hs256).unwrap();
    assert!(nodes[1].open(&record(Algorithm::Hs256, key)).is_ok());
}
