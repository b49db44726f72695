//! What `ports::Notices` promises.

use keywright_domain::Period;
use keywright_domain::audit::{Actor, Event, EventKind};
use keywright_domain::ports::{AuditLog, Notices, Upkeep, Users};
use keywright_domain::webhook::Notice;

use crate::kit::*;

on_both_engines! {
    anomaly_is_queued_with_its_audit_entry_and_nothing_else_is,
    nothing_is_queued_while_nobody_is_to_be_told,
    what_is_rolled_back_is_not_told,
    notice_goes_to_one_sender_at_a_time_and_counts_its_attempts,
    postponed_notice_comes_again_and_a_forgotten_one_does_not,
    old_notices_are_purged,
}

async fn happens(database: &Database, kind: EventKind, second: i64) {
    let event = Event::new(kind, Actor::Issuer, NOW + Period::secs(second));
    database.store.record(&event.into()).await.unwrap();
}

async fn due(database: &Database, after: Period, hidden_for: Period) -> Vec<Notice> {
    let now = NOW + after;
    let due = database.store.due_notices(now, now + hidden_for, 10);
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
        database.store.due_notices(now, later, 2),
        other.due_notices(now, later, 2)
    );
    let mut taken = [mine.unwrap(), theirs.unwrap()].concat();
    // On PostgreSQL one of the two may find nothing left to look at that is not locked; what counts is no notice twice.
    taken.extend(database.store.due_notices(now, later, 10).await.unwrap());
    let mut ids: Vec<_> = taken.iter().map(|notice| *notice.id.as_bytes()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((taken.len(), ids.len()), (4, 4));
    assert!(taken.iter().all(|notice| notice.attempts == 1));
    assert_eq!(other.due_notices(now, later, 10).await, Ok(vec![]));
    let again = other.due_notices(later, later, 10).await.unwrap();
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
