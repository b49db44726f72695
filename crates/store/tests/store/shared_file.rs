//! Two processes on one SQLite file: a server, and the command line beside it.

use keywright_domain::audit::EventKind;
use keywright_domain::ports::Users;

use crate::kit::child::Writing;
use crate::kit::database::{count_events, proved_log};
use crate::kit::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_write_one_file_and_one_chain() {
    let database = Database::sqlite().await;
    a_client(&database.store).await;
    let config = database.config.clone();
    let child =
        tokio::task::spawn_blocking(move || Writing::start(&config, 1_000_000).kill_after(300));
    let mut mine = 0;
    while !child.is_finished() {
        a_user(&database.store, mine).await;
        mine += 1;
    }
    let theirs = child.await.unwrap();
    for n in (0..mine).chain(theirs.users.iter().copied()) {
        assert_eq!(database.store.by_id(user(n).id).await, Ok(Some(user(n))));
    }
    assert!(mine > 0);
    let registered = count_events(&database.store, EventKind::AccountRegistered).await;
    assert!(registered >= mine as usize + theirs.users.len());
    assert!(
        proved_log(&database.store)
            .await
            .iter()
            .all(|entry| entry.chain == "main")
    );
}
