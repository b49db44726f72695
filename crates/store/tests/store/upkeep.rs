//! What `ports::Upkeep` promises.

use keywright_domain::account::{Letter, LetterKind, LinkPurpose};
use keywright_domain::audit::Effects;
use keywright_domain::ports::{Outbox, Page, SessionQuery, Sessions, Upkeep, Users};
use keywright_domain::session::{EndReason, Ended, Session};
use keywright_domain::{Period, Time};
use keywright_store::Store;

use crate::kit::*;

on_both_engines! {
    purge_forgets_the_dead_and_nothing_else,
    purge_goes_in_bites,
    a_corrupt_row_is_named_by_its_id_alone,
}

async fn remaining(store: &Store) -> Vec<keywright_domain::SessionId> {
    let page = Page {
        after: None,
        limit: 1000,
    };
    let all = SessionQuery {
        user: None,
        live_at: None,
        page,
    };
    store
        .sessions(&all)
        .await
        .unwrap()
        .iter()
        .map(|session| session.id)
        .collect()
}

async fn purge_until_nothing_is_left(store: &Store, before: Time, limit: u32) -> u64 {
    let mut total = 0;
    loop {
        let purged = store.purge(before, limit).await.unwrap();
        total += purged;
        if purged == 0 {
            return total;
        }
    }
}

async fn purge_forgets_the_dead_and_nothing_else(database: &Database) {
    let store = &database.store;
    let (user, living) = a_session(store, 1).await;
    let long_ago = NOW - Period::days(1);
    let mut dead: [Session; 3] = [2, 3, 4].map(|n| session(n, &user));
    dead[0].family.idle_until = long_ago;
    dead[1].family.absolute_until = long_ago;
    dead[2].ended = Some(Ended {
        at: long_ago,
        reason: EndReason::Logout,
    });
    let mut just_ended = session(5, &user);
    just_ended.ended = Some(Ended {
        at: NOW,
        reason: EndReason::Logout,
    });
    for session in dead.iter().chain([&just_ended]) {
        assert_eq!(store.open(session, user.epoch, &none()).await, Ok(true));
    }
    let mut links = [1, 2].map(|n| link(n, &user, LinkPurpose::VerifyEmail));
    links[0].expires_at = long_ago;
    let letter = |id: u8, created_at| Letter {
        id: [id; 16],
        to: user.email.clone(),
        user: Some(user.id),
        kind: LetterKind::PasswordChanged,
        created_at,
    };
    let letters = vec![letter(1, long_ago), letter(2, NOW)];
    store
        .record(&Effects {
            links: links.to_vec(),
            letters,
            ..none()
        })
        .await
        .unwrap();

    let before = NOW - Period::hours(1);
    assert_eq!(purge_until_nothing_is_left(store, before, 100).await, 5);
    assert_eq!(remaining(store).await, [living.id, just_ended.id]);
    assert!(
        store
            .open_link(links[1].id, LinkPurpose::VerifyEmail, NOW)
            .await
            .unwrap()
            .is_some()
    );
    let due: Vec<_> = store
        .due_letters(NOW, NOW, 9)
        .await
        .unwrap()
        .iter()
        .map(|l| l.id)
        .collect();
    assert_eq!(due, [[2; 16]]);
}

async fn purge_goes_in_bites(database: &Database) {
    let store = &database.store;
    let (user, living) = a_session(store, 1).await;
    for n in 2..=50 {
        let mut dead = session(n, &user);
        dead.family.idle_until = NOW - Period::days(1);
        assert_eq!(store.open(&dead, user.epoch, &none()).await, Ok(true));
    }
    let before = NOW - Period::hours(1);
    assert!((1..=7).contains(&store.purge(before, 7).await.unwrap()));
    assert!(remaining(store).await.len() >= 43);
    purge_until_nothing_is_left(store, before, 7).await;
    assert_eq!(remaining(store).await, [living.id]);
}

async fn a_corrupt_row_is_named_by_its_id_alone(database: &Database) {
    let user = a_user(&database.store, 1).await;
    database
        .tamper("UPDATE users SET roles = 'viewer Not-A-Role'")
        .await;
    let error = database.store.by_id(user.id).await.unwrap_err();
    let id: String = user
        .id
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(error.detail.contains(&id), "{error}");
    assert!(
        error.detail.contains("`roles`") && error.detail.contains("users"),
        "{error}"
    );
    for private in ["user1", "example.com", "argon2", "Not-A-Role"] {
        assert!(!error.to_string().contains(private), "{error}");
    }
}
