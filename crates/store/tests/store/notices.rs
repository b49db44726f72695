//! What `ports::Notices` promises.

use keywright_domain::Period;
use keywright_domain::account::{User, UserStatus};
use keywright_domain::audit::{Actor, Event, EventKind};
use keywright_domain::client::ClientId;
use keywright_domain::ports::*;
use keywright_domain::session::rotation::Rotation;
use keywright_domain::session::{EndReason, Session};
use keywright_domain::webhook::{Addressee, Notice, NoticeId};
use keywright_store::Store;

use crate::kit::*;

on_both_engines! {
    anomaly_is_queued_with_its_audit_entry_and_nothing_else_is,
    nothing_is_queued_while_nobody_is_to_be_told,
    what_is_rolled_back_is_not_told,
    notice_goes_to_one_sender_at_a_time_and_counts_its_attempts,
    postponed_notice_comes_again_and_a_forgotten_one_does_not,
    old_notices_are_purged,
    client_is_told_of_the_end_of_its_openid_sessions_and_of_no_others,
    whatever_ends_a_session_tells_its_client,
    farewell_waits_once_however_often_its_session_ends,
    clients_are_told_while_the_webhook_waits,
}

async fn happens(database: &Database, kind: EventKind, second: i64) {
    let event = Event::new(kind, Actor::Issuer, NOW + Period::secs(second));
    database.store.record(&event.into()).await.unwrap();
}

async fn due(database: &Database, after: Period, hidden_for: Period) -> Vec<Notice> {
    let now = NOW + after;
    let due = database.store.due_notices(now, now + hidden_for, 10, true);
    due.await.unwrap()
}

async fn anomaly_is_queued_with_its_audit_entry_and_nothing_else_is(database: &Database) {
    database.store.queue_notices(true);
    happens(database, EventKind::LoginFailed, 1).await;
    happens(database, EventKind::RefreshReused, 2).await;
    happens(database, EventKind::SessionEnded, 3).await;
    let queued = due(database, Period::minutes(1), Period::ZERO).await;
    let entries = database.store.newest(10).await.unwrap();
    let reused = entries
        .iter()
        .find(|entry| entry.kind == "session.refresh.reused")
        .unwrap();
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].id.as_bytes(), reused.hash.as_bytes());
    assert_eq!(queued[0].created_at, NOW + Period::secs(2));
    let body = &queued[0].body;
    let place = format!(r#"{{"chain":"{}","seq":{}}}"#, reused.chain, reused.seq);
    assert!(body.contains(&place), "{body}");
}

async fn nothing_is_queued_while_nobody_is_to_be_told(database: &Database) {
    happens(database, EventKind::FleetAnomaly, 1).await;
    database.store.queue_notices(true);
    happens(database, EventKind::FleetAnomaly, 2).await;
    database.store.queue_notices(false);
    happens(database, EventKind::FleetAnomaly, 3).await;
    let queued = due(database, Period::minutes(1), Period::ZERO).await;
    let at: Vec<_> = queued.iter().map(|notice| notice.created_at).collect();
    assert_eq!(at, [NOW + Period::secs(2)]);
}

/// A link with an id that exists already makes the whole write fail.
async fn what_is_rolled_back_is_not_told(database: &Database) {
    database.store.queue_notices(true);
    let user = a_user(&database.store, 1).await;
    let link = link(
        1,
        &user,
        keywright_domain::account::LinkPurpose::VerifyEmail,
    );
    let mut effects = effects(EventKind::RefreshReused);
    effects.links = vec![link.clone(), link];
    assert!(database.store.record(&effects).await.is_err());
    assert_eq!(due(database, Period::minutes(1), Period::ZERO).await, []);
}

async fn notice_goes_to_one_sender_at_a_time_and_counts_its_attempts(database: &Database) {
    database.store.queue_notices(true);
    let other = database.second_node().await;
    for second in 1..=4 {
        happens(database, EventKind::FleetAnomaly, second).await;
    }
    let (now, later) = (NOW + Period::minutes(1), NOW + Period::minutes(2));
    let (mine, theirs) = tokio::join!(
        database.store.due_notices(now, later, 2, true),
        other.due_notices(now, later, 2, true)
    );
    let mut taken = [mine.unwrap(), theirs.unwrap()].concat();
    // On PostgreSQL one of the two may find nothing left to look at that is not locked; what counts is no notice twice.
    taken.extend(
        database
            .store
            .due_notices(now, later, 10, true)
            .await
            .unwrap(),
    );
    let mut ids: Vec<_> = taken.iter().map(|notice| *notice.id.as_bytes()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((taken.len(), ids.len()), (4, 4));
    assert!(taken.iter().all(|notice| notice.attempts == 1));
    assert_eq!(other.due_notices(now, later, 10, true).await, Ok(vec![]));
    let again = other.due_notices(later, later, 10, true).await.unwrap();
    assert_eq!(again.len(), 4, "a sender that died keeps none of them");
    assert!(again.iter().all(|notice| notice.attempts == 2));
}

async fn postponed_notice_comes_again_and_a_forgotten_one_does_not(database: &Database) {
    database.store.queue_notices(true);
    happens(database, EventKind::FleetAnomaly, 1).await;
    happens(database, EventKind::FleetAnomaly, 2).await;
    let minutes = Period::minutes;
    let queued = due(database, minutes(1), minutes(1)).await;
    let (first, second) = (queued[0].id, queued[1].id);
    database
        .store
        .postpone_notice(first, NOW + minutes(10))
        .await
        .unwrap();
    database.store.forget_notice(second).await.unwrap();
    assert_eq!(due(database, minutes(9), minutes(1)).await, []);
    let again = due(database, minutes(10), minutes(1)).await;
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].id, again[0].attempts), (first, 2));
    assert_eq!(again[0].body, queued[0].body);
}

async fn old_notices_are_purged(database: &Database) {
    database.store.queue_notices(true);
    happens(database, EventKind::FleetAnomaly, 1).await;
    happens(database, EventKind::FleetAnomaly, 60).await;
    let before = NOW + Period::secs(30);
    assert_eq!(database.store.purge(before, 10).await, Ok(1));
    let left = due(database, Period::minutes(5), Period::ZERO).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].created_at, NOW + Period::secs(60));
}

/// Clients 1 and 2; the first wants to hear of the end of its sessions.
async fn two_clients(store: &Store) {
    let mut told = client(1);
    told.registration.backchannel_logout_uri = Some("https://app.example/out".to_owned());
    for client in [told, client(2)] {
        let inserted = store.insert_client(&client, &none()).await;
        assert_eq!(inserted, Ok(Inserted::Yes));
    }
}

async fn opened(store: &Store, n: u32, user: &User, change: impl FnOnce(&mut Session)) -> Session {
    let mut session = session(n, user);
    change(&mut session);
    assert_eq!(store.open(&session, user.epoch, &none()).await, Ok(true));
    session
}

/// Whom clients are to be told of, those that are due taken out.
async fn farewells(store: &Store) -> Vec<(ClientId, NoticeId)> {
    let due = store.due_notices(NOW, NOW, 100, false).await.unwrap();
    let mut told = Vec::new();
    for notice in due {
        store.forget_notice(notice.id).await.unwrap();
        match notice.to {
            Addressee::Client(client) => told.push((client, notice.id)),
            Addressee::Webhook => panic!("nobody listens to the webhook"),
        }
    }
    told
}

async fn client_is_told_of_the_end_of_its_openid_sessions_and_of_no_others(database: &Database) {
    let store = &database.store;
    two_clients(store).await;
    let user = a_user(store, 1).await;
    let known = opened(store, 1, &user, |_| {}).await;
    opened(store, 2, &user, |one| {
        one.openid = "profile".parse().unwrap()
    })
    .await;
    opened(store, 3, &user, |one| one.client = client_id(2)).await;
    let reason = EndReason::LogoutEverywhere;
    let ended = store.end_all(user.id, None, reason, NOW, &none()).await;
    assert_eq!(ended, Ok(3));
    let expected = (client_id(1), NoticeId::of_session(known.id));
    assert_eq!(farewells(store).await, [expected]);
    let again = store.end_all(user.id, None, reason, NOW, &none()).await;
    assert_eq!(again, Ok(0));
    assert_eq!(farewells(store).await, [], "what has ended ends once");
}

/// One place in the store hears of every end; this holds each way to it.
async fn whatever_ends_a_session_tells_its_client(database: &Database) {
    let store = &database.store;
    let (nothing, another) = (none(), password(7));
    two_clients(store).await;
    let user = a_user(store, 1).await;
    let end = store.end(
        opened(store, 1, &user, |_| {}).await.id,
        None,
        EndReason::EndedByAdmin,
        NOW,
        &nothing,
    );
    assert_eq!(end.await, Ok(true));
    assert_eq!(farewells(store).await.len(), 1, "ended by an administrator");

    let login = login(1, &user);
    store
        .open_login(&login, user.epoch, None, &nothing)
        .await
        .unwrap();
    for (n, scope) in [(2, "openid"), (3, "openid offline_access")] {
        opened(store, n, &user, |one| {
            one.login = Some(login.id);
            one.openid = scope.parse().unwrap();
        })
        .await;
    }
    store
        .end_login(login.id, user.id, NOW, &nothing)
        .await
        .unwrap();
    let both = farewells(store).await;
    assert_eq!(
        both.len(),
        2,
        "logged out, be the client allowed to go on or not"
    );

    let everywhere = store.end_all(user.id, None, EndReason::LogoutEverywhere, NOW, &nothing);
    assert_eq!(everywhere.await, Ok(1));
    assert_eq!(farewells(store).await.len(), 1, "logged out everywhere");

    opened(store, 4, &user, |_| {}).await;
    let changed = store.change_password(&user, &another, None, NOW, &nothing);
    assert_eq!(changed.await, Ok(true));
    assert_eq!(farewells(store).await.len(), 1, "another password");

    let user = store.by_id(user.id).await.unwrap().unwrap();
    opened(store, 5, &user, |_| {}).await;
    let disabled = store.set_status(user.id, UserStatus::Disabled, NOW, &nothing);
    assert_eq!(disabled.await, Ok(true));
    assert_eq!(farewells(store).await.len(), 1, "disabled");

    let other = a_user(store, 2).await;
    let stolen = opened(store, 6, &other, |one| one.family.current = 9).await;
    let rotation = store
        .rotate(&presented(&stolen, 1), &RULES, &minted, NOW)
        .await
        .unwrap();
    assert!(matches!(rotation, Rotation::Reused(_)), "{rotation:?}");
    assert_eq!(
        farewells(store).await.len(),
        1,
        "a refresh token came twice"
    );

    opened(store, 7, &other, |_| {}).await;
    assert_eq!(
        store.delete_client(&client_id(1), NOW, &nothing).await,
        Ok(true)
    );
    assert_eq!(
        farewells(store).await,
        [],
        "a client that is gone hears nothing"
    );
}

async fn farewell_waits_once_however_often_its_session_ends(database: &Database) {
    let store = &database.store;
    two_clients(store).await;
    let user = a_user(store, 1).await;
    let login = login(1, &user);
    store
        .open_login(&login, user.epoch, None, &none())
        .await
        .unwrap();
    opened(store, 1, &user, |one| {
        one.login = Some(login.id);
        one.openid = "openid offline_access".parse().unwrap();
    })
    .await;
    store
        .end_login(login.id, user.id, NOW, &none())
        .await
        .unwrap();
    let reason = EndReason::EndedByUser;
    let ended = store.end_all(user.id, None, reason, NOW, &none()).await;
    assert_eq!(ended, Ok(1));
    assert_eq!(farewells(store).await.len(), 1);
}

async fn clients_are_told_while_the_webhook_waits(database: &Database) {
    let store = &database.store;
    two_clients(store).await;
    database.store.queue_notices(true);
    happens(database, EventKind::FleetAnomaly, 0).await;
    let user = a_user(store, 1).await;
    let session = opened(store, 1, &user, |_| {}).await;
    let reason = EndReason::EndedByUser;
    store
        .end(session.id, None, reason, NOW, &none())
        .await
        .unwrap();
    assert_eq!(farewells(store).await.len(), 1);
    let left = due(database, Period::ZERO, Period::ZERO).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].to, Addressee::Webhook);
}
