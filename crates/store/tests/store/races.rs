//! What a hundred callers at once may come to. Half of them come in through another node.

use std::collections::BTreeMap;
use std::sync::Arc;

use keywright_domain::Period;
use keywright_domain::account::{LinkPurpose, UserStatus};
use keywright_domain::audit::{Effects, EventKind};
use keywright_domain::ports::{
    Assertions, Authorizations, CodeSpent, Devices, DynamicClients, Logins, Page, PushedRequests,
    Redeemed, Registered, SessionQuery, Sessions, Users,
};
use keywright_domain::session::rotation::{Continued, Refused, Rotation};
use keywright_domain::session::{EndReason, Session};
use keywright_store::Store;

use crate::kit::database::count_events;
use crate::kit::*;

const WORKERS: u32 = 100;
const ROUNDS: u32 = 25;

on_both_engines! {
    hundred_presentations_of_one_token_yield_one_successor,
    hundred_reuses_end_the_session_with_one_event,
    one_code_opens_one_session,
    one_device_code_opens_one_session,
    one_link_is_redeemed_once,
    one_assertion_is_used_once,
    one_pushed_request_is_used_up_once,
    one_address_is_registered_once,
    the_last_use_of_an_initial_access_admits_one_client,
    a_login_that_races_with_disabling_leaves_no_live_session,
    a_browser_login_that_races_with_disabling_is_none,
    a_session_that_races_with_the_end_of_its_login_never_outlives_it,
    a_refresh_that_races_with_logout_never_outlives_it,
    two_password_changes_on_one_reading_make_one,
    hundred_writers_leave_a_whole_chain,
}

/// Runs `work` a hundred times at once, and counts what came out by the text of its debug form.
async fn at_once<T, W>(database: &Database, work: W) -> BTreeMap<String, u32>
where
    T: std::fmt::Debug + Send + 'static,
    W: AsyncWork<T>,
{
    let nodes = [Arc::clone(&database.store), database.second_node().await];
    let start = Arc::new(tokio::sync::Barrier::new(WORKERS as usize));
    let tasks: Vec<_> = (0..WORKERS)
        .map(|n| {
            let (node, start) = (Arc::clone(&nodes[n as usize % 2]), Arc::clone(&start));
            let work = work.begin(node, n);
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut counts = BTreeMap::new();
    for task in tasks {
        *counts
            .entry(format!("{:?}", task.await.unwrap()))
            .or_default() += 1;
    }
    counts
}

type Pending<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

trait AsyncWork<T> {
    fn begin(&self, node: Arc<Store>, n: u32) -> Pending<T>;
}

impl<T, F: Fn(Arc<Store>, u32) -> Pending<T>> AsyncWork<T> for F {
    fn begin(&self, node: Arc<Store>, n: u32) -> Pending<T> {
        self(node, n)
    }
}

fn counts<const N: usize>(expected: [(&str, u32); N]) -> BTreeMap<String, u32> {
    expected
        .into_iter()
        .map(|(what, count)| (what.to_owned(), count))
        .collect()
}

async fn hundred_presentations_of_one_token_yield_one_successor(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    for sequence in 1..=3 {
        let token = presented(&session, sequence);
        let now = NOW + Period::minutes(sequence.into());
        let outcome = at_once(database, move |node: Arc<Store>, _| -> Pending<_> {
            let token = token.clone();
            Box::pin(async move {
                match node.rotate(&token, &RULES, &minted, now).await.unwrap() {
                    Rotation::Current { standing, how, .. } => {
                        Ok((how, standing.session.family.current))
                    }
                    other @ (Rotation::Reused(_)
                    | Rotation::StepUp
                    | Rotation::EndedAsAnomalous(_)
                    | Rotation::Refused(_)) => Err(other),
                }
            })
        })
        .await;
        let rotated = format!("Ok(({:?}, {}))", Continued::Rotated, sequence + 1);
        let repeated = format!("Ok(({:?}, {}))", Continued::Repeated, sequence + 1);
        assert_eq!(outcome, counts([(&rotated, 1), (&repeated, WORKERS - 1)]));
        assert_eq!(
            stored(&database.store, &session).await.family.current,
            sequence + 1
        );
    }
}

async fn hundred_reuses_end_the_session_with_one_event(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    let token = presented(&session, 1);
    database
        .store
        .rotate(&token, &STRICT, &minted, NOW)
        .await
        .unwrap();
    let outcome = at_once(database, move |node: Arc<Store>, _| -> Pending<_> {
        let token = token.clone();
        Box::pin(async move {
            match node.rotate(&token, &STRICT, &minted, NOW).await.unwrap() {
                Rotation::Reused(_) => "reused",
                Rotation::Refused(Refused::Ended) => "ended",
                Rotation::Current { .. }
                | Rotation::StepUp
                | Rotation::EndedAsAnomalous(_)
                | Rotation::Refused(_) => "wrong",
            }
        })
    })
    .await;
    assert_eq!(
        outcome,
        counts([("\"reused\"", 1), ("\"ended\"", WORKERS - 1)])
    );
    assert_eq!(
        count_events(&database.store, EventKind::RefreshReused).await,
        1
    );
}

async fn one_code_opens_one_session(database: &Database) {
    a_client(&database.store).await;
    let user = crate::authorizations::a_user_who_is_in(&database.store, 1).await;
    let code = crate::authorizations::code(1, &user);
    let issued = database.store.issue_code(&code, None, &none()).await;
    assert_eq!(issued, Ok(true));
    let outcome = at_once(database, move |node: Arc<Store>, n| -> Pending<_> {
        let (code, session) = (code.clone(), session(n, &user));
        Box::pin(async move {
            match node.redeem_code(&code, &session, &none()).await.unwrap() {
                CodeSpent::Opened => "opened",
                CodeSpent::Before(Some(_)) => "spent before, and by whom is known",
                CodeSpent::Before(None) | CodeSpent::Void => "wrong",
            }
        })
    })
    .await;
    let late = "\"spent before, and by whom is known\"";
    assert_eq!(outcome, counts([("\"opened\"", 1), (late, WORKERS - 1)]));
}

async fn one_pushed_request_is_used_up_once(database: &Database) {
    let request = crate::pushed_requests::pushed_request(1);
    database.store.push(&request).await.unwrap();
    let id = request.id;
    let outcome = at_once(database, move |node: Arc<Store>, _| -> Pending<_> {
        Box::pin(async move { node.take_pushed(id).await })
    })
    .await;
    assert_eq!(
        outcome,
        counts([("Ok(true)", 1), ("Ok(false)", WORKERS - 1)])
    );
}

async fn one_assertion_is_used_once(database: &Database) {
    let outcome = at_once(database, |node: Arc<Store>, _| -> Pending<_> {
        Box::pin(async move { node.use_assertion([7; 16], NOW).await })
    })
    .await;
    assert_eq!(
        outcome,
        counts([("Ok(true)", 1), ("Ok(false)", WORKERS - 1)])
    );
}

async fn one_device_code_opens_one_session(database: &Database) {
    let store = &database.store;
    let user = crate::authorizations::a_user_who_is_in(store, 1).await;
    let code = crate::devices::device(1);
    store.insert_device_code(&code).await.unwrap();
    let (state, left) = (crate::devices::allowed(1, &user), none());
    let decided = store.decide_device(code.id, &state, NOW, &left).await;
    assert_eq!(decided, Ok(true));
    let outcome = at_once(database, move |store: Arc<Store>, n| -> Pending<_> {
        let session = session(n, &user);
        let approval = crate::devices::approval(1, &user);
        Box::pin(async move {
            let left = none();
            store
                .redeem_device(code.id, &session, &approval, &left)
                .await
                .unwrap()
        })
    })
    .await;
    assert_eq!(outcome, counts([("true", 1), ("false", WORKERS - 1)]));
}

async fn one_link_is_redeemed_once(database: &Database) {
    let user = a_user(&database.store, 1).await;
    let link = link(1, &user, LinkPurpose::ResetPassword);
    database
        .store
        .record(&Effects {
            links: vec![link.clone()],
            ..none()
        })
        .await
        .unwrap();
    let outcome = at_once(database, move |node: Arc<Store>, n| -> Pending<_> {
        let link = link.clone();
        Box::pin(async move {
            let (to, left) = (password(n), effects(EventKind::PasswordReset));
            node.redeem(&link, Redeemed::PasswordReset(&to), NOW, &left)
                .await
        })
    })
    .await;
    assert_eq!(
        outcome,
        counts([("Ok(true)", 1), ("Ok(false)", WORKERS - 1)])
    );
    assert_eq!(
        count_events(&database.store, EventKind::PasswordReset).await,
        1
    );
    let epoch = database
        .store
        .by_id(user.id)
        .await
        .unwrap()
        .expect("there")
        .epoch;
    assert_eq!(epoch, user.epoch + 1);
}

async fn the_last_use_of_an_initial_access_admits_one_client(database: &Database) {
    let granted = crate::dynamic_clients::access(1, 1);
    let store = &database.store;
    store.grant_initial_access(&granted, &none()).await.unwrap();
    let outcome = at_once(database, move |store: Arc<Store>, n| -> Pending<_> {
        Box::pin(async move {
            let client = client(n);
            let registered = crate::dynamic_clients::registered(&client);
            let admission = Some(granted.id);
            let left = none();
            let added = store.register_client(&client, &registered, admission, &left);
            added.await.unwrap()
        })
    })
    .await;
    assert_eq!(outcome, counts([("Yes", 1), ("NoAdmission", WORKERS - 1)]));
}

async fn one_address_is_registered_once(database: &Database) {
    let outcome = at_once(database, |node: Arc<Store>, n| -> Pending<_> {
        Box::pin(async move {
            let mut user = user(n);
            user.email = "same@example.com".parse().unwrap();
            node.register(&user, &outcomes()).await
        })
    })
    .await;
    let created = format!("Ok({:?})", Registered::Created);
    let taken = format!("Ok({:?})", Registered::EmailTaken);
    assert_eq!(outcome, counts([(&created, 1), (&taken, WORKERS - 1)]));
    assert_eq!(
        count_events(&database.store, EventKind::AccountRegistered).await,
        1
    );
    let repeated = count_events(&database.store, EventKind::AccountRegistrationRepeated).await;
    assert_eq!(repeated, WORKERS as usize - 1);
}

async fn a_login_that_races_with_disabling_leaves_no_live_session(database: &Database) {
    let store = &database.store;
    let other = database.second_node().await;
    a_client(store).await;
    let mut opened = 0;
    for n in 0..ROUNDS {
        let user = a_user(store, n).await;
        let session = session(n, &user);
        let nothing = none();
        let (open, disable) = tokio::join!(
            other.open(&session, user.epoch, &nothing),
            store.set_status(user.id, UserStatus::Disabled, NOW, &nothing),
        );
        assert_eq!(disable, Ok(true));
        opened += u32::from(open.unwrap());
        let page = Page {
            after: None,
            limit: 10,
        };
        let live = SessionQuery {
            user: Some(user.id),
            live_at: Some(NOW),
            page,
        };
        assert_eq!(
            store.sessions(&live).await,
            Ok(vec![]),
            "round {n}, {opened} opened so far"
        );
    }
}

async fn a_browser_login_that_races_with_disabling_is_none(database: &Database) {
    let store = &database.store;
    let other = database.second_node().await;
    for n in 0..ROUNDS {
        let user = a_user(store, n).await;
        let (login, nothing) = (login(n, &user), none());
        let (open, disable) = tokio::join!(
            other.open_login(&login, user.epoch, None, &nothing),
            store.set_status(user.id, UserStatus::Disabled, NOW, &nothing),
        );
        assert_eq!(disable, Ok(true));
        assert_eq!(
            store.logins_of(user.id, NOW, 10).await,
            Ok(vec![]),
            "round {n}, opened: {open:?}"
        );
    }
}

async fn a_session_that_races_with_the_end_of_its_login_never_outlives_it(database: &Database) {
    let store = &database.store;
    let other = database.second_node().await;
    a_client(store).await;
    for n in 0..ROUNDS {
        let user = a_user(store, n).await;
        let (login, nothing) = (login(n, &user), none());
        let opened = store.open_login(&login, user.epoch, None, &nothing);
        assert_eq!(opened.await, Ok(true));
        let session = Session {
            login: Some(login.id),
            ..session(n, &user)
        };
        let (open, end) = tokio::join!(
            other.open(&session, user.epoch, &nothing),
            store.end_login(login.id, user.id, NOW, &nothing),
        );
        assert!(end.unwrap().is_some());
        let standing = store.standing(session.id).await.unwrap();
        let is_live = standing.is_some_and(|standing| standing.session.is_live(NOW));
        assert!(!is_live, "round {n}, opened: {open:?}");
    }
}

async fn a_refresh_that_races_with_logout_never_outlives_it(database: &Database) {
    let store = &database.store;
    let other = database.second_node().await;
    for n in 0..ROUNDS {
        let (_, session) = a_session(store, n).await;
        let (token, nothing) = (presented(&session, 1), none());
        let (rotation, end) = tokio::join!(
            other.rotate(&token, &RULES, &minted, NOW),
            store.end(session.id, None, EndReason::Logout, NOW, &nothing),
        );
        assert_eq!(end, Ok(true));
        let row = stored(store, &session).await;
        assert_eq!(row.ended.map(|ended| ended.reason), Some(EndReason::Logout));
        match rotation.unwrap() {
            Rotation::Current { .. } => assert_eq!(row.family.current, 2, "rotated, then ended"),
            Rotation::Refused(Refused::Ended) => assert_eq!(row.family.current, 1, "ended first"),
            other @ (Rotation::Reused(_)
            | Rotation::StepUp
            | Rotation::EndedAsAnomalous(_)
            | Rotation::Refused(_)) => panic!("{other:?}"),
        }
        let after = store
            .rotate(
                &presented(&session, row.family.current),
                &RULES,
                &minted,
                NOW,
            )
            .await;
        assert_eq!(after, Ok(Rotation::Refused(Refused::Ended)));
    }
}

async fn two_password_changes_on_one_reading_make_one(database: &Database) {
    let user = a_user(&database.store, 1).await;
    let outcome = at_once(database, move |node: Arc<Store>, n| -> Pending<_> {
        let user = user.clone();
        Box::pin(async move {
            node.change_password(&user, &password(n), None, NOW, &none())
                .await
        })
    })
    .await;
    assert_eq!(
        outcome,
        counts([("Ok(true)", 1), ("Ok(false)", WORKERS - 1)])
    );
}

async fn hundred_writers_leave_a_whole_chain(database: &Database) {
    let outcome = at_once(database, |node: Arc<Store>, _| -> Pending<_> {
        Box::pin(async move { node.record(&effects(EventKind::LoginFailed)).await })
    })
    .await;
    assert_eq!(outcome, counts([("Ok(())", WORKERS)]));
    assert_eq!(
        count_events(&database.store, EventKind::LoginFailed).await,
        WORKERS as usize
    );
}
