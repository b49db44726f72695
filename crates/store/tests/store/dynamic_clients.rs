//! What `ports::DynamicClients` promises.

use keywright_domain::audit::EventKind;
use keywright_domain::client::Client;
use keywright_domain::client::dynamic::{DynamicClient, InitialAccess, Provenance, ReadDocument};
use keywright_domain::ports::{ClientAdded, Clients, DynamicClients, Sessions};
use keywright_domain::secret::HashedSecret;
use keywright_domain::session::EndReason;
use keywright_domain::{InitialAccessId, Period, Time};
use keywright_store::Store;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_client_is_read_back_with_its_registration,
    an_initial_access_admits_as_often_as_it_says,
    an_initial_access_that_expired_or_was_revoked_admits_nobody,
    a_client_is_unused_when_it_has_had_no_living_session_for_long,
    a_deleted_client_leaves_no_registration,
    a_document_is_taken_over_and_disabling_its_client_stays,
    a_document_takes_over_no_other_client,
}

pub fn registered(client: &Client) -> DynamicClient {
    DynamicClient {
        client: client.id.clone(),
        provenance: Provenance::Registered {
            access_token: HashedSecret::from_bytes([4; 32]),
        },
        used_at: NOW,
    }
}

pub fn access(n: u32, uses_left: u32) -> InitialAccess {
    InitialAccess {
        id: InitialAccessId::new(NOW, random(n)),
        name: format!("Partner {n}"),
        secret: HashedSecret::from_bytes([6; 32]),
        uses_left,
        created_at: NOW,
        expires_at: NOW + Period::hours(1),
    }
}

async fn register(store: &Store, n: u32, admission: Option<InitialAccessId>) -> ClientAdded {
    let client = client(n);
    let left = effects(EventKind::ClientRegistered);
    let registered = registered(&client);
    store
        .register_client(&client, &registered, admission, &left)
        .await
        .unwrap()
}

async fn a_client_is_read_back_with_its_registration(database: &Database) {
    let store = &database.store;
    assert_eq!(register(store, 1, None).await, ClientAdded::Yes);
    let expected = (registered(&client(1)), client(1));
    let id = client_id(1);
    assert_eq!(store.dynamic_client(&id).await, Ok(Some(expected)));
    assert_eq!(store.client(&id).await, Ok(Some(client(1))));

    a_client_of(store, 2).await;
    let by_hand = store.dynamic_client(&client_id(2)).await;
    assert_eq!(by_hand, Ok(None), "an operator made it");
    let taken = store
        .register_client(&client(2), &registered(&client(2)), None, &none())
        .await;
    taken.expect_err("an operator's client is not taken over");
    assert_eq!(store.dynamic_client(&client_id(2)).await, Ok(None));
}

async fn a_client_of(store: &Store, n: u32) {
    store.insert_client(&client(n), &none()).await.unwrap();
}

async fn an_initial_access_admits_as_often_as_it_says(database: &Database) {
    let store = &database.store;
    let granted = access(1, 2);
    store.grant_initial_access(&granted, &none()).await.unwrap();
    let found = store.initial_access(granted.id, NOW).await;
    assert_eq!(found, Ok(Some(granted.clone())));
    for (n, expected) in [
        (1, ClientAdded::Yes),
        (2, ClientAdded::Yes),
        (3, ClientAdded::NoAdmission),
    ] {
        assert_eq!(register(store, n, Some(granted.id)).await, expected);
    }
    assert_eq!(store.initial_access(granted.id, NOW).await, Ok(None));
    assert_eq!(store.client(&client_id(3)).await, Ok(None));
    assert_eq!(count_events(store, EventKind::ClientRegistered).await, 2);
}

async fn an_initial_access_that_expired_or_was_revoked_admits_nobody(database: &Database) {
    let store = &database.store;
    let (old, revoked) = (access(1, 1), access(2, 1));
    for granted in [&old, &revoked] {
        store.grant_initial_access(granted, &none()).await.unwrap();
    }
    let both = store.initial_accesses(NOW).await;
    assert_eq!(both, Ok(vec![old.clone(), revoked.clone()]));
    let left = effects(EventKind::InitialAccessRevoked);
    for done in [true, false] {
        assert_eq!(
            store.revoke_initial_access(revoked.id, &left).await,
            Ok(done)
        );
    }
    assert_eq!(
        count_events(store, EventKind::InitialAccessRevoked).await,
        1
    );
    let late = DynamicClient {
        used_at: old.expires_at,
        ..registered(&client(1))
    };
    for id in [old.id, revoked.id] {
        let added = store
            .register_client(&client(1), &late, Some(id), &none())
            .await;
        assert_eq!(added, Ok(ClientAdded::NoAdmission));
    }
    assert_eq!(store.initial_accesses(old.expires_at).await, Ok(vec![]));
}

async fn a_client_is_unused_when_it_has_had_no_living_session_for_long(database: &Database) {
    let store = &database.store;
    for n in [1, 2] {
        register(store, n, None).await;
    }
    // Of the first, one session lives.
    let user = a_user(store, 1).await;
    let session = session(1, &user);
    assert_eq!(store.open(&session, user.epoch, &none()).await, Ok(true));
    let (soon, later) = (NOW + Period::days(1), NOW + Period::days(2));
    let unused = |before: Time| store.unused_clients(before, 9);
    store.note_used_clients(soon).await.unwrap();
    assert_eq!(unused(NOW).await, Ok(vec![]));
    assert_eq!(unused(soon).await, Ok(vec![client_id(2)]));
    let ended = store
        .end(session.id, None, EndReason::Logout, soon, &none())
        .await;
    assert_eq!(ended, Ok(true));
    store.note_used_clients(later).await.unwrap();
    assert_eq!(unused(later).await, Ok(vec![client_id(2), client_id(1)]));
}

async fn a_deleted_client_leaves_no_registration(database: &Database) {
    let store = &database.store;
    register(store, 1, None).await;
    let id = client_id(1);
    assert_eq!(store.delete_client(&id, NOW, &none()).await, Ok(true));
    assert_eq!(store.dynamic_client(&id).await, Ok(None));
    let far = NOW + Period::days(400);
    assert_eq!(store.unused_clients(far, 9).await, Ok(vec![]));
}

fn document(n: u32, name: &str, at: Time) -> ReadDocument {
    ReadDocument {
        client: Client {
            name: name.to_owned(),
            ..client(n)
        },
        fresh_until: at + Period::hours(1),
        entry: SPARE,
        at,
    }
}

async fn a_document_is_taken_over_and_disabling_its_client_stays(database: &Database) {
    let store = &database.store;
    let left = effects(EventKind::ClientDocumentRead);
    let first = document(1, "First", NOW);
    assert_eq!(store.keep_document(&first, &left).await, Ok(true));
    let (dynamic, kept) = store.dynamic_client(&client_id(1)).await.unwrap().unwrap();
    assert_eq!(kept, first.client);
    let fresh_until = first.fresh_until;
    assert_eq!(dynamic.provenance, Provenance::Document { fresh_until });

    let disabled = Client {
        disabled: true,
        ..kept
    };
    let off = store.update_client(&disabled, SPARE, NOW, &none()).await;
    assert_eq!(off, Ok(true));
    let again = document(1, "Again", NOW + Period::days(1));
    assert_eq!(store.keep_document(&again, &none()).await, Ok(true));
    let (dynamic, kept) = store.dynamic_client(&client_id(1)).await.unwrap().unwrap();
    assert_eq!((kept.name.as_str(), kept.disabled), ("Again", true));
    assert_eq!(kept.created_at, NOW);
    assert_eq!(
        dynamic.used_at, NOW,
        "a document that is read is no use of it"
    );
    assert_eq!(count_events(store, EventKind::ClientDocumentRead).await, 1);
}

async fn a_document_takes_over_no_other_client(database: &Database) {
    let store = &database.store;
    a_client_of(store, 1).await;
    register(store, 2, None).await;
    for n in [1, 2] {
        let read = document(n, "Usurper", NOW);
        assert_eq!(store.keep_document(&read, &none()).await, Ok(false));
        assert_eq!(store.client(&client_id(n)).await, Ok(Some(client(n))));
    }
}
