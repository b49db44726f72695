//! What only a Transit engine can do to us.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use keywright_custody::{TokenSource, TransitCustody, TransitError, TransitSettings};
use keywright_domain::ports::{Custody, SignError, Signer};
use keywright_domain::secret::PlainSecret;
use keywright_jwt::{Algorithm, VerifyingKey};
use serde_json::json;

use crate::bao::{Bao, Engine, always, policy, shared};
use crate::kit::{generated, record, refusal, signs};
use crate::relay::Relay;

const PAIRS: [Algorithm; 5] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
    Algorithm::Rs256,
    Algorithm::Ps256,
];

fn open(engine: &Engine) -> TransitCustody {
    TransitCustody::open(engine.settings()).unwrap()
}

fn refused(settings: TransitSettings) -> TransitError {
    TransitCustody::open(settings).expect_err("a refusal")
}

/// A new key, what verifies its signatures, and its name in the engine.
fn signer(custody: &TransitCustody) -> (Arc<dyn Signer>, VerifyingKey, String) {
    let key = generated(custody, Algorithm::Es256);
    let public = VerifyingKey::from_jwk(key.public.as_ref().unwrap(), Algorithm::Es256).unwrap();
    (custody.open(&key).unwrap(), public, name(&key.sealed))
}

fn name(sealed: &keywright_domain::secret::Sealed) -> String {
    let id = sealed.as_bytes()[1..].iter();
    let id: String = id.map(|byte| format!("{byte:02x}")).collect();
    format!("keywright-{id}")
}

/// Asks until it is answered so, for as long as a slow machine may take.
fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("never: {what}");
}

#[test]
fn a_private_key_cannot_leave_its_engine_and_the_database_has_its_name_alone() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    custody.seal("audit 1", b"secret").unwrap();
    let mut names = vec!["keywright-secrets".to_owned()];
    for algorithm in PAIRS {
        let key = generated(&custody, algorithm);
        assert_eq!(key.sealed.as_bytes().len(), 17);
        names.push(name(&key.sealed));
    }
    for name in names {
        let told = engine.done("GET", &format!("keys/{name}"), &json!({}));
        for never in ["exportable", "allow_plaintext_backup", "deletion_allowed"] {
            assert_eq!(told["data"][never], json!(false), "{never}");
        }
        // Not even for an administrator.
        for way in ["signing-key", "encryption-key"] {
            let path = engine.path(&format!("export/{way}/{name}"));
            assert!(engine.bao.ask("GET", &path, &json!({})).0 >= 400, "{path}");
        }
        let backup = engine.path(&format!("backup/{name}"));
        assert!(engine.bao.ask("GET", &backup, &json!({})).0 >= 400);
    }
}

#[test]
fn the_documented_policy_allows_nothing_that_weakens_a_key() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    custody.seal("audit 1", b"secret").unwrap();
    let pair = name(&generated(&custody, Algorithm::Es256).sealed);
    for name in ["keywright-secrets", &pair] {
        for (method, path) in [
            ("POST", format!("keys/{name}/config")),
            ("POST", format!("keys/{name}/rotate")),
            ("POST", format!("keys/{name}/trim")),
            ("DELETE", format!("keys/{name}")),
            ("GET", format!("export/signing-key/{name}")),
            ("GET", format!("backup/{name}")),
            ("POST", "restore".to_owned()),
            ("GET", "keys?list=true".to_owned()),
        ] {
            let body = json!({ "exportable": true });
            let path = engine.path(&path);
            let answer = engine.bao.ask_as(&engine.token, method, &path, &body);
            assert_eq!(answer.unwrap().0, 403, "{method} {path}");
        }
    }
}

#[test]
fn what_a_policy_lacks_is_named_by_its_path() {
    let engine = Engine::new(&shared());
    for (left_out, capability, path) in [
        ("transit/keys/", "read", "keys/keywright-any"),
        ("transit/sign/", "update", "sign/keywright-any"),
        ("transit/encrypt/", "update", "encrypt/keywright-secrets"),
        ("transit/decrypt/", "update", "decrypt/keywright-secrets"),
    ] {
        let full = policy();
        let lines = full.lines().filter(|line| !line.contains(left_out));
        let rest = lines.collect::<Vec<_>>().join("\n");
        assert_ne!(full.trim_end(), rest);
        let token = engine.token_with("lacking", &rest);
        let told = refused(TransitSettings {
            token: always(&token),
            ..engine.settings()
        });
        let expected = format!(
            "the token's policy does not allow `{capability}` on `{}`",
            engine.path(path)
        );
        assert_eq!(told.to_string(), expected);
    }
}

#[test]
fn a_wrong_token_is_refused_and_never_shown() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    let wrong = TransitSettings {
        token: always("hvs.hunter2"),
        ..engine.settings()
    };
    let shown = format!("{wrong:?} {custody:?}");
    let told = refused(wrong);
    assert!(matches!(told, TransitError::TokenRefused), "{told}");
    assert!(!shown.contains("hunter2") && !shown.contains(&engine.token));
    let told = refused(TransitSettings {
        token: always("two\nlines"),
        ..engine.settings()
    });
    assert!(matches!(told, TransitError::MalformedToken), "{told}");
    let unreadable = TokenSource::new(|| Err("no such file".to_owned()));
    let told = refused(TransitSettings {
        token: unreadable,
        ..engine.settings()
    });
    assert!(told.to_string().contains("no such file"));
}

#[test]
fn what_is_wrong_with_the_way_there_is_named() {
    let engine = Engine::new(&shared());
    let token = engine.token_with("elsewhere", &policy().replace("transit/", "nowhere/"));
    let no_mount = TransitSettings {
        mount: "nowhere".to_owned(),
        token: always(&token),
        ..engine.settings()
    };
    let nobody = TransitSettings {
        url: "https://127.0.0.1:1".to_owned(),
        ..engine.settings()
    };
    let no_url = TransitSettings {
        url: "https://[".to_owned(),
        ..engine.settings()
    };
    let stranger = TransitSettings {
        ca: None,
        ..engine.settings()
    };
    let no_pem = TransitSettings {
        ca: Some(b"nothing".to_vec()),
        ..engine.settings()
    };
    for (settings, says) in [
        (no_mount, "there is no secrets engine at `nowhere`"),
        (nobody, "the server cannot be reached"),
        (no_url, "the URL is none"),
        (stranger, "certificate"),
        (no_pem, "there is none in the file"),
    ] {
        let told = refused(settings).to_string();
        assert!(told.contains(says), "{told}");
    }
}

#[test]
fn an_engine_in_a_namespace_is_found_by_that() {
    let bao = shared();
    bao.done("POST", "sys/namespaces/team", &json!({}));
    let kind = json!({ "type": "transit" });
    bao.done("POST", "team/sys/mounts/transit", &kind);
    let rules = json!({ "policy": policy() });
    bao.done("PUT", "team/sys/policies/acl/keywright", &rules);
    let wanted = json!({ "policies": ["keywright"], "no_default_policy": true });
    let made = bao.done("POST", "team/auth/token/create", &wanted);
    let settings = |namespace: Option<&str>| TransitSettings {
        mount: "transit".to_owned(),
        namespace: namespace.map(str::to_owned),
        token: always(made["auth"]["client_token"].as_str().unwrap()),
        ..Engine::new(&bao).settings()
    };
    let custody = TransitCustody::open(settings(Some("team"))).unwrap();
    let (signer, public, _) = signer(&custody);
    assert!(signs(&*signer, &public));
    for other in [None, Some("nobodys"), Some("two\nlines")] {
        refused(settings(other));
    }
}

#[test]
fn a_key_of_our_name_that_another_made_is_not_sealed_under() {
    let engine = Engine::new(&shared());
    let other = json!({ "type": "chacha20-poly1305" });
    engine.done("POST", "keys/keywright-secrets", &other);
    let told = refused(engine.settings()).to_string();
    assert!(told.contains("is chacha20-poly1305, and aes256-gcm96 is needed"));
}

#[test]
fn a_key_that_was_rotated_in_the_vault_goes_on_in_its_first_version() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    let (signer, public, name) = signer(&custody);
    let sealed = custody.seal("audit 1", b"secret").unwrap();
    for name in [&*name, "keywright-secrets"] {
        engine.done("POST", &format!("keys/{name}/rotate"), &json!({}));
    }
    assert!(signs(&*signer, &public));
    assert_eq!(*custody.unseal("audit 1", &sealed).unwrap(), b"secret");
    let later = custody.seal("audit 1", b"later").unwrap();
    assert_eq!(*open(&engine).unseal("audit 1", &later).unwrap(), b"later");
}

#[test]
fn a_key_that_was_destroyed_signs_nothing_and_the_others_go_on() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    let lost = generated(&custody, Algorithm::Es256);
    let signer_of_lost = custody.open(&lost).unwrap();
    let (kept, public, _) = signer(&custody);
    let path = format!("keys/{}", name(&lost.sealed));
    let deletable = json!({ "deletion_allowed": true });
    engine.done("POST", &format!("{path}/config"), &deletable);
    engine.done("DELETE", &path, &json!({}));
    assert!(signer_of_lost.sign("at+jwt", b"{}").is_err());
    assert!(signs(&*kept, &public), "the others go on");
    assert!(refusal(custody.open(&lost)).contains("is not in the Transit engine"));
}

#[test]
fn a_token_is_renewed_while_it_can_be() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    custody.tend().unwrap();
    let asked = json!({ "token": engine.token });
    let told = engine.bao.done("POST", "auth/token/lookup", &asked);
    assert!(told["data"]["last_renewal"].is_string(), "{told}");
}

#[test]
fn a_newer_token_is_found_when_the_one_in_use_is_refused() {
    let engine = Engine::new(&shared());
    let put = Arc::new(Mutex::new(engine.token.clone()));
    let read = put.clone();
    let custody = TransitCustody::open(TransitSettings {
        token: TokenSource::new(move || Ok(PlainSecret::new(&**read.lock().unwrap()))),
        ..engine.settings()
    });
    let custody = custody.unwrap();
    let (signer, public, _) = signer(&custody);
    let revoke = |token: &str| {
        let revoked = json!({ "token": token });
        engine.bao.done("POST", "auth/token/revoke", &revoked);
    };
    *put.lock().unwrap() = engine.token_with("second", &policy());
    revoke(&engine.token);
    assert!(signs(&*signer, &public), "nobody noticed");

    let second = put.lock().unwrap().clone();
    revoke(&second);
    for _ in 0..3 {
        let told = signer.sign("at+jwt", b"{}").unwrap_err().to_string();
        assert!(told.contains("the token is not valid any more"), "{told}");
        assert!(signer.ready().is_err());
    }
    *put.lock().unwrap() = engine.token_with("third", &policy());
    until("the third token is found", || signer.ready().is_ok());
    assert!(signs(&*signer, &public));
}

#[test]
fn a_wrong_token_at_reload_is_refused_and_the_one_before_goes_on() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    let (signer, public, _) = signer(&custody);
    for _ in 0..3 {
        let told = custody.take_token(always("hvs.hunter2")).unwrap_err();
        assert!(matches!(told, TransitError::TokenRefused), "{told}");
        assert!(signs(&*signer, &public));
    }
    let other = engine.token_with("other", &policy());
    custody.take_token(always(&other)).unwrap();
    let revoked = json!({ "token": engine.token });
    engine.bao.done("POST", "auth/token/revoke", &revoked);
    assert!(signs(&*signer, &public));
}

#[test]
fn a_policy_that_was_taken_away_is_found_out_before_anything_is_spent() {
    let engine = Engine::new(&shared());
    let custody = open(&engine);
    let (signer, public, _) = signer(&custody);
    let all = policy().replace("transit/", &format!("{}/", engine.mount));
    let put = |policy: &str| {
        let path = format!("sys/policies/acl/{}", engine.mount);
        engine.bao.done("PUT", &path, &json!({ "policy": policy }));
    };
    let lines = all.lines().filter(|line| !line.contains("/sign/"));
    put(&lines.collect::<Vec<_>>().join("\n"));
    until("the signer is not ready", || signer.ready().is_err());
    thread::sleep(Duration::from_millis(1200));
    // The vault is up and the token is good; that alone must not count.
    let told = signer.ready().unwrap_err().to_string();
    assert!(told.contains(&engine.path("sign/")), "{told}");
    put(&all);
    until("the signer is ready", || signer.ready().is_ok());
    assert!(signs(&*signer, &public));
}

#[test]
fn a_vault_that_hangs_is_given_up_and_comes_back() {
    let engine = Engine::new(&Arc::new(Bao::start()));
    let relay = Relay::to(engine.bao.port());
    let custody = TransitCustody::open(TransitSettings {
        url: relay.url(),
        ..engine.settings()
    });
    let (signer, public, _) = signer(&custody.unwrap());
    engine.bao.pause();
    let sign = || signer.sign("at+jwt", b"{}");
    assert!(matches!(sign(), Err(SignError::Unavailable(_))));
    let before = relay.connections();
    for _ in 0..100 {
        assert!(sign().is_err() && signer.ready().is_err());
    }
    let asked = relay.connections() - before;
    assert!(asked < 10, "{asked} of 200 asked a vault that is away");
    engine.bao.resume();
    until("the signer is ready", || signer.ready().is_ok());
    assert!(signs(&*signer, &public));
}

#[test]
fn a_connection_that_was_dropped_is_made_good() {
    let engine = Engine::new(&shared());
    let relay = Relay::to(engine.bao.port());
    let custody = TransitCustody::open(TransitSettings {
        url: relay.url(),
        ..engine.settings()
    });
    let (signer, public, _) = signer(&custody.unwrap());
    for _ in 0..3 {
        relay.lose_one();
        assert!(signs(&*signer, &public));
        assert!(relay.has_lost_it());
    }
}

#[test]
fn two_nodes_that_start_at_once_read_what_either_sealed() {
    let engine = Engine::new(&shared());
    let nodes = [open(&engine), open(&engine)];
    let sealed: Vec<_> = thread::scope(|scope| {
        let seal = |node: &TransitCustody| node.seal("audit 1", b"secret").unwrap();
        let both = nodes.each_ref().map(|node| scope.spawn(move || seal(node)));
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
