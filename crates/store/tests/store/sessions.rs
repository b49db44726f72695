//! What `ports::Sessions` promises about opening, listing and ending; `refresh.rs` has rotation.

use std::collections::BTreeSet;

use keywright_domain::account::User;
use keywright_domain::audit::{Actor, Event, EventKind};
use keywright_domain::client::Client;
use keywright_domain::feed::Kind;
use keywright_domain::ports::{Clients, Feed, Page, SessionQuery, Sessions};
use keywright_domain::session::{EndReason, Ended, Session};
use keywright_domain::token::Binding;
use keywright_domain::{Period, SessionId};
use keywright_store::Store;

use crate::kit::database::{count_events, proved_log};
use crate::kit::*;

on_both_engines! {
    a_session_is_read_back_with_whom_it_stands_on,
    a_login_on_an_old_epoch_opens_nothing,
    sessions_are_listed_by_user_and_by_life,
    a_session_ends_once_and_for_its_owner_only,
    of_many_sessions_those_end_that_have_not,
    all_that_a_client_has_ends_with_it_however_many,
    logout_everywhere_spares_the_session_that_is_kept,
}

fn everything(user: Option<keywright_domain::UserId>) -> SessionQuery {
    SessionQuery {
        user,
        live_at: None,
        page: Page {
            after: None,
            limit: 100,
        },
    }
}

async fn a_session_is_read_back_with_whom_it_stands_on(database: &Database) {
    let store = &database.store;
    let client = a_client(store).await;
    let user = a_user(store, 1).await;
    let mut full = session(1, &user);
    full.binding = Some(Binding::Certificate("thumbprint".to_owned()));
    full.family.superseded = vec![NOW, NOW - Period::secs(3)];
    full.family.current = u32::MAX;
    let mut bare = session(2, &user);
    (bare.device, bare.address, bare.amr) = (None, None, vec![]);
    bare.address = Some("2001:db8::7".parse().unwrap());
    for session in [full, bare] {
        let left = effects(EventKind::LoginSucceeded);
        assert_eq!(store.open(&session, user.epoch, &left).await, Ok(true));
        let standing = store.standing(session.id).await.unwrap().expect("stands");
        assert_eq!(standing.session, session);
        assert_eq!((&standing.user, &standing.client), (&user, &client));
    }
    assert_eq!(store.standing(session(3, &user).id).await, Ok(None));
    assert_eq!(count_events(store, EventKind::LoginSucceeded).await, 2);
}

async fn a_login_on_an_old_epoch_opens_nothing(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let user = a_user(store, 1).await;
    let left = effects(EventKind::LoginSucceeded);
    assert_eq!(
        store.open(&session(1, &user), user.epoch - 1, &left).await,
        Ok(false)
    );
    assert_eq!(store.sessions(&everything(None)).await, Ok(vec![]));
    assert_eq!(count_events(store, EventKind::LoginSucceeded).await, 0);
}

async fn sessions_are_listed_by_user_and_by_life(database: &Database) {
    let store = &database.store;
    let (first_user, first) = a_session(store, 1).await;
    let (_, second) = a_session(store, 2).await;
    let mut aged = session(3, &first_user);
    aged.family.idle_until = NOW;
    let mut over = session(4, &first_user);
    over.ended = Some(Ended {
        at: NOW,
        reason: EndReason::Logout,
    });
    for session in [&aged, &over] {
        assert_eq!(
            store.open(session, first_user.epoch, &none()).await,
            Ok(true)
        );
    }
    let ids = async |query: SessionQuery| {
        let found: Vec<Session> = store.sessions(&query).await.unwrap();
        found.iter().map(|session| session.id).collect::<Vec<_>>()
    };
    let of_first = everything(Some(first_user.id));
    assert_eq!(
        ids(everything(None)).await,
        [first.id, second.id, aged.id, over.id]
    );
    assert_eq!(ids(of_first).await, [first.id, aged.id, over.id]);
    assert_eq!(
        ids(SessionQuery {
            live_at: Some(NOW),
            ..everything(None)
        })
        .await,
        [first.id, second.id]
    );
    assert_eq!(
        ids(SessionQuery {
            live_at: Some(NOW),
            ..of_first
        })
        .await,
        [first.id]
    );
    let page = Page {
        after: Some(first.id),
        limit: 1,
    };
    assert_eq!(ids(SessionQuery { page, ..of_first }).await, [aged.id]);
}

async fn a_session_ends_once_and_for_its_owner_only(database: &Database) {
    let store = &database.store;
    let (owner, session) = a_session(store, 1).await;
    let stranger = user(2);
    let left = effects(EventKind::SessionEnded);
    let end = |by| store.end(session.id, by, EndReason::EndedByUser, NOW, &left);
    assert_eq!(end(Some(stranger.id)).await, Ok(false));
    assert_eq!(stored(store, &session).await.ended, None);
    assert_eq!(end(Some(owner.id)).await, Ok(true));
    assert_eq!(end(Some(owner.id)).await, Ok(false));
    assert_eq!(end(None).await, Ok(false));
    let ended = stored(store, &session).await.ended;
    assert_eq!(
        ended,
        Some(Ended {
            at: NOW,
            reason: EndReason::EndedByUser
        })
    );
    assert_eq!(count_events(store, EventKind::SessionEnded).await, 1);
}

async fn of_many_sessions_those_end_that_have_not(database: &Database) {
    let store = &database.store;
    let (user, first) = a_session(store, 1).await;
    let (second, spared) = (session(2, &user), session(3, &user));
    for session in [&second, &spared] {
        assert_eq!(store.open(session, user.epoch, &none()).await, Ok(true));
    }
    let before = Ended {
        at: NOW,
        reason: EndReason::Logout,
    };
    assert_eq!(
        store
            .end(first.id, None, before.reason, before.at, &none())
            .await,
        Ok(true)
    );
    let unknown = session(9, &user).id;
    let (at, reason) = (NOW + Period::secs(9), EndReason::EndedByAdmin);
    let told = |id| {
        let event = Event::new(EventKind::SessionEnded, Actor::Operator, at);
        (id, event.session(id))
    };
    let asked = [first.id, second.id, unknown].map(told);
    let after = store.feed_head().await.unwrap().position;
    assert_eq!(store.end_each(&asked, reason, at).await, Ok(1));
    assert_eq!(store.end_each(&asked, reason, at).await, Ok(0));
    let ended = async |id| store.standing(id).await.unwrap().unwrap().session.ended;
    assert_eq!(ended(first.id).await, Some(before), "stays as it ended");
    assert_eq!(ended(second.id).await, Some(Ended { at, reason }));
    assert_eq!(ended(spared.id).await, None);
    let log = proved_log(store).await;
    let on_record: Vec<_> = log
        .iter()
        .filter(|entry| entry.kind == EventKind::SessionEnded.as_str())
        .map(|entry| entry.session.clone())
        .collect();
    assert_eq!(on_record, [Some(second.id.to_string())]);
    let told = store.events_after(after, 10).await.unwrap();
    let [(_, told)] = &told[..] else {
        panic!("one is told of: {told:?}")
    };
    assert!(matches!(told.kind, Kind::SessionRevoked { session, .. } if session == second.id));
}

/// More than end in one write.
const MANY: u32 = 205;

async fn all_that_a_client_has_ends_with_it_however_many(database: &Database) {
    let store = &database.store;
    let client = a_client(store).await;
    let user = a_user(store, 1).await;
    let disabled = Client {
        disabled: true,
        ..client.clone()
    };
    let before = store.feed_head().await.unwrap().position;
    let ids = open_many(store, &user, 0).await;
    let left = effects(EventKind::ClientChanged);
    let updated = store.update_client(&disabled, SPARE, NOW, &left).await;
    assert_eq!(updated, Ok(true));
    all_told(store, &ids, before).await;
    assert_eq!(count_events(store, EventKind::ClientChanged).await, 1);
    let reason = EndReason::ClientDisabled;
    for id in &ids {
        let standing = store.standing(*id).await.unwrap().unwrap();
        assert_eq!(standing.session.ended, Some(Ended { at: NOW, reason }));
    }

    let enabled = store.update_client(&client, SPARE, NOW, &none()).await;
    assert_eq!(enabled, Ok(true));
    let before = store.feed_head().await.unwrap().position;
    let ids = open_many(store, &user, MANY).await;
    let left = effects(EventKind::ClientDeleted);
    let deleted = store.delete_client(&client.id, NOW, &left).await;
    assert_eq!(deleted, Ok(true));
    all_told(store, &ids, before).await;
    assert_eq!(count_events(store, EventKind::ClientDeleted).await, 1);
    assert_eq!(store.client(&client.id).await, Ok(None));
}

async fn open_many(store: &Store, user: &User, first: u32) -> BTreeSet<SessionId> {
    let mut ids = BTreeSet::new();
    for n in first..first + MANY {
        let session = session(n, user);
        assert_eq!(store.open(&session, user.epoch, &none()).await, Ok(true));
        ids.insert(session.id);
    }
    ids
}

async fn all_told(store: &Store, ids: &BTreeSet<SessionId>, before: u64) {
    let told = store.events_after(before, 1_000).await.unwrap();
    let revoked = told.iter().filter_map(|(_, event)| {
        if let Kind::SessionRevoked { session, .. } = &event.kind {
            Some(*session)
        } else {
            None
        }
    });
    let revoked: Vec<_> = revoked.collect();
    assert_eq!(revoked.len(), ids.len(), "each is told once");
    assert_eq!(BTreeSet::from_iter(revoked), *ids);
}

async fn logout_everywhere_spares_the_session_that_is_kept(database: &Database) {
    let store = &database.store;
    let (user, kept) = a_session(store, 1).await;
    for n in [2, 3] {
        assert_eq!(
            store.open(&session(n, &user), user.epoch, &none()).await,
            Ok(true)
        );
    }
    let (_, others) = a_session(store, 4).await;
    let reason = EndReason::LogoutEverywhere;
    let left = effects(EventKind::SessionsEnded);
    assert_eq!(
        store
            .end_all(user.id, Some(kept.id), reason, NOW, &left)
            .await,
        Ok(2)
    );
    assert_eq!(stored(store, &kept).await.ended, None);
    assert_eq!(
        store.end_all(user.id, None, reason, NOW, &left).await,
        Ok(1)
    );
    assert_eq!(
        store.end_all(user.id, None, reason, NOW, &left).await,
        Ok(0)
    );
    assert_eq!(stored(store, &others).await.ended, None);
}
