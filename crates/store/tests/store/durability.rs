//! kill -9 at any moment: whatever was acknowledged is there, and the audit chain is whole.

use keywright_domain::audit::EventKind;
use keywright_domain::ports::{Sessions, Users};

use crate::kit::child::Writing;
use crate::kit::database::{count_events, proved_log};
use crate::kit::*;

on_both_engines! {
    what_was_acknowledged_survives_kill_9,
}

#[expect(
    clippy::disallowed_methods,
    reason = "`cargo xtask test --quick` asks for fewer rounds"
)]
fn rounds() -> u32 {
    if std::env::var("KEYWRIGHT_TEST_QUICK").is_ok() {
        2
    } else {
        5
    }
}

async fn what_was_acknowledged_survives_kill_9(database: &Database) {
    a_client(&database.store).await;
    let mut users = 0;
    for round in 0..rounds() {
        let config = database.config.clone();
        let write = move || {
            Writing::start(&config, round * 1_000_000).kill_after(150 + 37 * round as usize)
        };
        let acknowledged = tokio::task::spawn_blocking(write).await.unwrap();

        let store = database.second_node().await;
        for n in &acknowledged.users {
            assert_eq!(
                store.by_id(user(*n).id).await,
                Ok(Some(user(*n))),
                "user {n} was acknowledged"
            );
        }
        for (n, sequence) in &acknowledged.sequences {
            let standing = store.standing(session(*n, &user(*n)).id).await.unwrap();
            let current = standing
                .expect("its login was acknowledged")
                .session
                .family
                .current;
            // Ahead by one at most: a rotation that was done when its answer was cut off.
            assert!(
                (*sequence..=sequence + 1).contains(&current),
                "session {n}: {sequence} became {current}"
            );
        }
        assert!(!acknowledged.users.is_empty() && !acknowledged.sequences.is_empty());
        users += acknowledged.users.len();
        assert!(count_events(&store, EventKind::AccountRegistered).await >= users);
    }
    assert!(!proved_log(&database.store).await.is_empty());
}
