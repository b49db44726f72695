//! What `ports::AuditLog` promises: nothing is changed without its event, and no event can be changed.

use std::sync::Arc;

use keywright_domain::Period;
use keywright_domain::audit::{Actor, Event, EventKind, Origin};
use keywright_domain::ports::{AuditLog, AuditQuery, Clients, Inserted, Users};

use crate::kit::database::{chain_key, proved_log};
use crate::kit::*;

on_both_engines! {
    an_event_is_read_back_as_written,
    entries_are_paged,
    the_newest_entries_come_from_every_chain,
    an_unarmed_log_refuses_writes_that_have_events,
    a_failing_write_takes_back_its_own_changes_alone,
    a_head_that_was_changed_from_outside_is_not_built_upon,
    nodes_write_chains_of_their_own,
}

fn event(n: u32) -> Event {
    let origin = Origin {
        address: Some("2001:db8::1".parse().unwrap()),
        user_agent: None,
    };
    Event::new(
        EventKind::SessionEnded,
        Actor::User(user(n).id),
        NOW + Period::secs(n.into()),
    )
    .user(user(n).id)
    .session(session(n, &user(n)).id)
    .client(&client_id(n))
    .from(&origin)
    .detail(format_args!("logout \0 {n}"))
}

async fn an_event_is_read_back_as_written(database: &Database) {
    database.store.record(&event(1).into()).await.unwrap();
    let log = proved_log(&database.store).await;
    let [entry] = log.as_slice() else {
        panic!("{log:?}")
    };
    assert_eq!((entry.seq, entry.at), (1, event(1).at.millis()));
    assert_eq!(entry.kind, "session.ended");
    assert_eq!(entry.actor, format!("user:{}", user(1).id));
    assert_eq!(entry.user, Some(user(1).id.to_string()));
    assert_eq!(entry.session, Some(session(1, &user(1)).id.to_string()));
    assert_eq!(entry.client.as_deref(), Some("client-1"));
    assert_eq!(entry.address.as_deref(), Some("2001:db8::1"));
    assert_eq!(entry.detail.as_deref(), Some("logout \u{fffd} 1"));
}

async fn entries_are_paged(database: &Database) {
    for n in 1..=5 {
        database.store.record(&event(n).into()).await.unwrap();
    }
    let chain = database.store.heads().await.unwrap().remove(0).chain;
    let page = AuditQuery {
        chain,
        after: 2,
        limit: 2,
    };
    let seqs: Vec<_> = database
        .store
        .entries(&page)
        .await
        .unwrap()
        .iter()
        .map(|e| e.seq)
        .collect();
    assert_eq!(seqs, [3, 4]);
}

async fn the_newest_entries_come_from_every_chain(database: &Database) {
    let other = database.second_node().await;
    for n in 1..=6 {
        let node = if n % 2 == 0 { &database.store } else { &other };
        node.record(&event(n).into()).await.unwrap();
    }
    let newest = database.store.newest(4).await.unwrap();
    let times: Vec<_> = newest.iter().map(|entry| entry.at).collect();
    assert_eq!(times, [6, 5, 4, 3].map(|n| event(n).at.millis()));
}

async fn an_unarmed_log_refuses_writes_that_have_events(database: &Database) {
    let unarmed = Database::unarmed(&database.config).await;
    let refused = unarmed.record(&event(1).into()).await.unwrap_err();
    assert!(refused.detail.contains("not armed"), "{refused}");
    unarmed.record(&none()).await.unwrap();
    unarmed.arm(chain_key());
    unarmed.record(&event(1).into()).await.unwrap();
}

/// On SQLite all of these share one transaction or a few.
async fn a_failing_write_takes_back_its_own_changes_alone(database: &Database) {
    let unarmed = Database::unarmed(&database.config).await;
    let inserts = (0..64_u32).map(|n| {
        let store = Arc::clone(&unarmed);
        tokio::spawn(async move {
            let left = if n % 2 == 0 {
                none()
            } else {
                effects(EventKind::ClientCreated)
            };
            store.insert_client(&client(n), &left).await
        })
    });
    for (n, insert) in (0..).zip(inserts.collect::<Vec<_>>()) {
        let answer = insert.await.unwrap();
        let there = database
            .store
            .client(&client_id(n))
            .await
            .unwrap()
            .is_some();
        if n % 2 == 0 {
            assert_eq!(answer, Ok(Inserted::Yes));
            assert!(there, "client {n} was acknowledged");
        } else {
            answer.unwrap_err();
            assert!(!there, "client {n} was refused");
        }
    }
}

async fn a_head_that_was_changed_from_outside_is_not_built_upon(database: &Database) {
    for n in 1..=3 {
        database.store.record(&event(n).into()).await.unwrap();
    }
    // Cuts the last entry off, as somebody would who can write to the tables but has not the key.
    database
        .tamper(
            "UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_entries WHERE seq = 2); \
             DELETE FROM audit_entries WHERE seq = 3;",
        )
        .await;
    let refused = database.store.record(&event(4).into()).await.unwrap_err();
    assert!(refused.detail.contains("changed from outside"), "{refused}");
}

async fn nodes_write_chains_of_their_own(database: &Database) {
    let other = database.second_node().await;
    database.store.record(&event(1).into()).await.unwrap();
    other.record(&event(2).into()).await.unwrap();
    let heads = database.store.heads().await.unwrap();
    let heads: Vec<_> = heads
        .iter()
        .map(|head| (head.chain.as_str(), head.seq))
        .collect();
    if database.is_postgres() {
        assert_eq!(heads, [("node-a", 1), ("node-b", 1)]);
    } else {
        assert_eq!(
            heads,
            [("main", 2)],
            "processes on one file take turns on one chain"
        );
    }
    assert_eq!(proved_log(&other).await.len(), 2);
}
