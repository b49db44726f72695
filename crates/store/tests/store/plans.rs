//! Every statement is accepted by both engines, and what is asked at every request is found by an index.

use crate::kit::*;

on_both_engines! {
    every_statement_is_accepted_and_hot_ones_use_an_index,
}

/// What logins, refreshes and the checks of tokens wait for.
const HOT: &[&str] = &[
    "users::BY_ID",
    "users::BY_USERNAME",
    "users::BY_EMAIL",
    "users::register::WHO_HAS_EMAIL",
    "users::change_password::UPGRADE",
    "users::change_password::CHANGE",
    "users::links::OPEN",
    "users::links::TAKE",
    "users::links::TAKE_ALL",
    "sessions::open::LOCK_ACCOUNT",
    "sessions::refresh::STANDING",
    "sessions::refresh::MOVE",
    "sessions::refresh::END",
    "sessions::list::OF_USER",
    "sessions::list::OF_USER_LIVE",
    "sessions::end::END",
    "sessions::end::END_OF_USER",
    "sessions::end_of_client::END_OF_CLIENT",
    "authorizations::code::FIND",
    "authorizations::code::SPEND",
    "authorizations::consent::FIND",
    "authorizations::consent::OF_USER",
    "sessions::end::END_OF_USER_AT_CLIENT",
    "sessions::end::END_OF_LOGIN",
    "logins::BY_ID",
    "logins::KEEP",
    "logins::open::LOCK_LIVE",
    "logins::end::END_OF_USER",
    "clients::BY_ID",
    "clients::LOCK",
    "devices::FREE",
    "devices::LOCK",
    "devices::WAITING",
    "devices::POLLED",
    "devices::TAKE",
    "dynamic_clients::BY_ID",
    "dynamic_clients::UNUSED",
    "dynamic_clients::SPEND",
    "dynamic_clients::ACCESS",
    "status::block::TAKE",
    "status::mark::CLEAR",
    "status::stale::BITE",
    "status::stale::LOCK",
    "status::stale::LOCK_OF_USER",
    "status::forget::FORGET_MARKS",
    "feed::AFTER",
    "audit::HEAD",
    "audit::MOVE_HEAD",
    "audit::ENTRIES",
    "audit::NEWEST",
    "verifiers::ONE",
    "notices::ANY_DUE",
    "notices::ANY_DUE_TO_CLIENTS",
    "sessions::end::LEFT_OF_LOGIN",
    "notices::POSTPONE",
    "notices::FORGET",
    "sessions::refresh::MARK_ANOMALY",
    "outbox::ANY_DUE",
    "outbox::SENT",
    "ledger::record::RECORD",
    "ledger::list::OF_CLASS",
    "ledger::of_sessions::OF_SESSION",
    "ledger::of_sessions::SESSIONS",
    "ledger::purge::OLDEST",
    "ledger::purge::BITE",
    "ledger::purge::PURGE",
    "upkeep::BITE",
    "upkeep::PURGE_SESSIONS",
];

async fn every_statement_is_accepted_and_hot_ones_use_an_index(database: &Database) {
    let plans = database.store.plans().await.unwrap();
    let mut names: Vec<_> = plans.iter().map(|plan| plan.statement).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), plans.len(), "two statements have one name");
    // SQLite says SCAN when it reads a whole table and PostgreSQL says Seq Scan.
    let (reads_all, by_index) = if database.is_postgres() {
        ("Seq Scan", "Index")
    } else {
        ("SCAN", "SEARCH")
    };
    for hot in HOT {
        let found = plans
            .iter()
            .find(|plan| plan.statement.ends_with(&format!("::{hot}")));
        let plan = &found
            .unwrap_or_else(|| panic!("no statement is called {hot}"))
            .plan;
        assert!(
            plan.contains(by_index) && !plan.contains(reads_all),
            "{hot}:\n{plan}"
        );
    }
}
