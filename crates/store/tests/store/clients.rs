//! What `ports::Clients` promises.

use std::collections::{BTreeMap, BTreeSet};

use keywright_domain::audit::EventKind;
use keywright_domain::client::{Client, ClientKind, KeptSecret};
use keywright_domain::ports::{Clients, Inserted, Page, Sessions, Upkeep};
use keywright_domain::session::EndReason;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_client_is_read_back_as_written,
    a_taken_id_is_not_overwritten,
    clients_are_paged_in_byte_order,
    disabling_a_client_ends_its_sessions,
    deleting_a_client_ends_its_sessions,
    every_change_of_a_client_raises_the_catalogs_version,
}

async fn a_client_is_read_back_as_written(database: &Database) {
    let public = Client {
        kind: ClientKind::Public,
        secret: None,
        grants: BTreeSet::new(),
        allowed: BTreeMap::new(),
        default_audience: None,
        disabled: true,
        name: "Büro “West”, \\ ' \" %".to_owned(),
        ..client(2)
    };
    let signing = Client {
        secret: KeptSecret::from_bytes(&[3; 18]),
        ..client(4)
    };
    for client in [client(1), public, signing] {
        let left = effects(EventKind::ClientCreated);
        assert_eq!(
            database.store.insert_client(&client, &left).await,
            Ok(Inserted::Yes)
        );
        assert_eq!(database.store.client(&client.id).await, Ok(Some(client)));
    }
    assert_eq!(database.store.client(&client_id(3)).await, Ok(None));
}

async fn a_taken_id_is_not_overwritten(database: &Database) {
    let store = &database.store;
    let first = a_client(store).await;
    let second = Client {
        name: "Usurper".to_owned(),
        ..client(1)
    };
    let left = effects(EventKind::ClientCreated);
    assert_eq!(
        store.insert_client(&second, &left).await,
        Ok(Inserted::Taken)
    );
    assert_eq!(store.client(&first.id).await, Ok(Some(first)));
    assert_eq!(count_events(store, EventKind::ClientCreated).await, 0);
}

async fn clients_are_paged_in_byte_order(database: &Database) {
    let ids = ["B", "a", "Z", "~", "-", "b"];
    for id in ids {
        let client = Client {
            id: id.parse().unwrap(),
            ..client(1)
        };
        assert_eq!(
            database.store.insert_client(&client, &none()).await,
            Ok(Inserted::Yes)
        );
    }
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = database
            .store
            .clients(Page { after, limit: 4 })
            .await
            .unwrap();
        after = page.last().map(|client| client.id.clone());
        found.extend(page.into_iter().map(|client| client.id.as_str().to_owned()));
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, ["-", "B", "Z", "a", "b", "~"]);
}

async fn disabling_a_client_ends_its_sessions(database: &Database) {
    let store = &database.store;
    let (user, of_client) = a_session(store, 1).await;
    assert_eq!(
        store.insert_client(&client(2), &none()).await,
        Ok(Inserted::Yes)
    );
    let mut of_other = session(2, &user);
    of_other.client = client_id(2);
    assert_eq!(store.open(&of_other, user.epoch, &none()).await, Ok(true));

    let renamed = Client {
        name: "New".to_owned(),
        ..client(1)
    };
    assert_eq!(
        store.update_client(&renamed, SPARE, NOW, &none()).await,
        Ok(true)
    );
    assert_eq!(
        stored(store, &of_client).await.ended,
        None,
        "a new name ends nothing"
    );

    let disabled = Client {
        disabled: true,
        ..renamed
    };
    assert_eq!(
        store.update_client(&disabled, SPARE, NOW, &none()).await,
        Ok(true)
    );
    assert_eq!(store.client(&disabled.id).await, Ok(Some(disabled)));
    let reason = stored(store, &of_client)
        .await
        .ended
        .map(|ended| ended.reason);
    assert_eq!(reason, Some(EndReason::ClientDisabled));
    assert_eq!(stored(store, &of_other).await.ended, None);
    assert_eq!(
        store.update_client(&client(9), SPARE, NOW, &none()).await,
        Ok(false)
    );
}

async fn deleting_a_client_ends_its_sessions(database: &Database) {
    use keywright_domain::ports::SessionQuery;

    let store = &database.store;
    a_session(store, 1).await;
    let left = effects(EventKind::ClientDeleted);
    assert_eq!(
        store.delete_client(&client_id(1), NOW, &left).await,
        Ok(true)
    );
    assert_eq!(
        store.delete_client(&client_id(1), NOW, &left).await,
        Ok(false)
    );
    assert_eq!(store.client(&client_id(1)).await, Ok(None));
    let page = Page {
        after: None,
        limit: 9,
    };
    let live = SessionQuery {
        user: None,
        live_at: Some(NOW),
        page,
    };
    assert_eq!(store.sessions(&live).await, Ok(vec![]));
    assert_eq!(count_events(store, EventKind::ClientDeleted).await, 1);
}

/// By which a node tells that a client may not be as it remembers.
async fn every_change_of_a_client_raises_the_catalogs_version(database: &Database) {
    let store = &database.store;
    let first = a_client(store).await;
    let mut before = store.versions().await.unwrap().catalog;
    let disabled = Client {
        disabled: true,
        ..first.clone()
    };
    let updated = store.update_client(&disabled, SPARE, NOW, &none()).await;
    let mut raised = async |done| {
        assert_eq!(done, Ok(true));
        let now = store.versions().await.unwrap().catalog;
        assert!(now > before);
        before = now;
    };
    raised(updated).await;
    let revoked = store
        .revoke_own_tokens(&first.id, SPARE, NOW, &none())
        .await;
    raised(revoked).await;
    raised(store.delete_client(&first.id, NOW, &none()).await).await;
}
