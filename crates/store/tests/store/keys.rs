//! What `ports::Keys` promises.

use keywright_domain::Period;
use keywright_domain::audit::EventKind;
use keywright_domain::keys::{
    Algorithm, Jwk, KeyRecord, KeyState, RingId, ServerKey, ServerKeyPurpose,
};
use keywright_domain::ports::{Keys, Upkeep};
use keywright_domain::secret::Sealed;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    keys_are_read_back_as_written,
    of_two_plans_on_one_version_one_is_carried_out,
    keys_that_ended_long_ago_are_not_read,
    the_first_server_key_of_a_version_stays,
    a_server_key_is_sealed_anew_unless_another_node_was_first,
}

/// The public key of RFC 8037 appendix A.2, as an issuer serves it.
const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k1","alg":"EdDSA","use":"sig"}"#;

fn key(n: u32) -> KeyRecord {
    KeyRecord {
        kid: format!("k{n}"),
        ring: RingId {
            algorithm: Algorithm::EdDsa,
            audience: None,
        },
        public: Some(Jwk::parse(JWK.as_bytes()).unwrap()),
        sealed: Sealed::from_bytes(vec![1, 0, 255]),
        state: KeyState::Active,
        created_at: NOW + Period::secs(n.into()),
        published_at: Some(NOW),
        activated_at: Some(NOW),
        verifies_until: None,
        ended_at: None,
    }
}

async fn keys_are_read_back_as_written(database: &Database) {
    let store = &database.store;
    let symmetric = KeyRecord {
        ring: RingId {
            algorithm: Algorithm::Hs256,
            audience: Some("orders".parse().unwrap()),
        },
        public: None,
        state: KeyState::Next,
        published_at: None,
        activated_at: None,
        ..key(2)
    };
    let left = effects(EventKind::KeyGenerated);
    let read = store.signing_keys().await.unwrap();
    assert!(read.keys.is_empty());
    assert_eq!(
        store
            .change_keys(read.version, &[key(1), symmetric.clone()], &left)
            .await,
        Ok(true)
    );
    let read = store.signing_keys().await.unwrap();
    assert_eq!(read.keys, [key(1), symmetric.clone()]);
    assert_eq!(store.versions().await.unwrap().keys, read.version);

    let retiring = KeyRecord {
        state: KeyState::Retiring,
        sealed: Sealed::from_bytes(vec![1, 7, 255]),
        verifies_until: Some(NOW),
        ..key(1)
    };
    assert_eq!(
        store
            .change_keys(read.version, std::slice::from_ref(&retiring), &left)
            .await,
        Ok(true)
    );
    assert_eq!(
        store.signing_keys().await.unwrap().keys,
        [retiring, symmetric]
    );
    assert_eq!(count_events(store, EventKind::KeyGenerated).await, 2);
}

async fn of_two_plans_on_one_version_one_is_carried_out(database: &Database) {
    let store = &database.store;
    let other = database.second_node().await;
    let version = store.signing_keys().await.unwrap().version;
    let (keys, left) = ([[key(1)], [key(2)]], effects(EventKind::KeyGenerated));
    let (first, second) = tokio::join!(
        store.change_keys(version, &keys[0], &left),
        other.change_keys(version, &keys[1], &left),
    );
    assert_ne!(first.unwrap(), second.unwrap());
    assert_eq!(store.signing_keys().await.unwrap().keys.len(), 1);
    assert_eq!(count_events(store, EventKind::KeyGenerated).await, 1);
}

async fn keys_that_ended_long_ago_are_not_read(database: &Database) {
    let store = &database.store;
    let ended = |n: u32| KeyRecord {
        state: KeyState::Retired,
        ended_at: Some(NOW + Period::secs(n.into())),
        ..key(n)
    };
    let mut keys: Vec<_> = (1..=70).map(ended).collect();
    keys.push(key(100));
    let version = store.signing_keys().await.unwrap().version;
    assert_eq!(store.change_keys(version, &keys, &none()).await, Ok(true));
    let read = store.signing_keys().await.unwrap().keys;
    assert_eq!(read, keys[6..], "64 that ended, and the active one");
}

async fn a_server_key_is_sealed_anew_unless_another_node_was_first(database: &Database) {
    let store = &database.store;
    let sealed = |byte| Sealed::from_bytes(vec![byte; 60]);
    let key = |version, byte| ServerKey {
        purpose: ServerKeyPurpose::Refresh,
        version,
        sealed: sealed(byte),
        created_at: NOW,
    };
    for read in [key(1, 1), key(2, 2)] {
        store.add_server_key(&read).await.unwrap();
    }
    for (read, byte) in [(key(1, 1), 3), (key(1, 1), 4), (key(2, 9), 5)] {
        store.reseal_server_key(&read, &sealed(byte)).await.unwrap();
    }
    let expected = [key(1, 3), key(2, 2)];
    assert_eq!(store.server_keys().await.unwrap(), expected);
}

async fn the_first_server_key_of_a_version_stays(database: &Database) {
    let store = &database.store;
    let key = |purpose, version, byte| ServerKey {
        purpose,
        version,
        sealed: Sealed::from_bytes(vec![byte; 60]),
        created_at: NOW,
    };
    for (purpose, version, byte) in [
        (ServerKeyPurpose::Refresh, 1, 1),
        (ServerKeyPurpose::Refresh, 1, 2),
        (ServerKeyPurpose::Refresh, u16::MAX, 3),
        (ServerKeyPurpose::Audit, 1, 4),
    ] {
        store
            .add_server_key(&key(purpose, version, byte))
            .await
            .unwrap();
    }
    let expected = [
        key(ServerKeyPurpose::Audit, 1, 4),
        key(ServerKeyPurpose::Refresh, 1, 1),
        key(ServerKeyPurpose::Refresh, u16::MAX, 3),
    ];
    assert_eq!(store.server_keys().await.unwrap(), expected);
}
