//! What `ports::Logins` promises.

use keywright_domain::Period;
use keywright_domain::account::{User, UserStatus};
use keywright_domain::audit::EventKind;
use keywright_domain::login::Login;
use keywright_domain::ports::{Feed, Logins, Sessions, Upkeep, Users};
use keywright_domain::session::{EndReason, Ended, Session};
use keywright_store::Store;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_login_is_read_back_with_its_user,
    a_login_on_an_old_epoch_is_not_stored,
    a_login_ends_once_and_for_its_owner_only,
    what_was_opened_from_a_login_ends_with_it_unless_it_may_go_on,
    a_login_that_has_ended_opens_no_session,
    a_new_login_of_the_same_person_takes_the_sessions_over,
    a_new_login_of_somebody_else_ends_the_sessions,
    whatever_ends_all_sessions_of_a_user_ends_the_logins,
    a_login_is_kept_and_never_shortened,
    logins_are_listed_while_they_live_and_purged_when_they_expire,
}

async fn a_login(store: &Store, n: u32, user: &User) -> Login {
    let login = login(n, user);
    let opened = store.open_login(&login, user.epoch, None, &none()).await;
    assert_eq!(opened, Ok(true));
    login
}

/// A session of the login, with these scopes of OpenID Connect.
async fn opened_from(
    store: &Store,
    n: u32,
    (user, login): (&User, &Login),
    openid: &str,
) -> Session {
    let session = Session {
        login: Some(login.id),
        openid: openid.parse().unwrap(),
        ..session(n, user)
    };
    assert_eq!(store.open(&session, user.epoch, &none()).await, Ok(true));
    session
}

async fn read(store: &Store, login: &Login) -> Login {
    let found = store.login(login.id).await.unwrap();
    found.expect("the row is there").0
}

const ENDED: Option<Ended> = Some(Ended {
    at: NOW,
    reason: EndReason::Logout,
});

async fn a_login_is_read_back_with_its_user(database: &Database) {
    let store = &database.store;
    let user = a_user(store, 1).await;
    let full = login(1, &user);
    let bare = Login {
        device: None,
        address: None,
        amr: vec![],
        ended: Some(NOW),
        ..login(2, &user)
    };
    for login in [full, bare] {
        let left = effects(EventKind::LoginSucceeded);
        let opened = store.open_login(&login, user.epoch, None, &left).await;
        assert_eq!(opened, Ok(true));
        assert_eq!(store.login(login.id).await, Ok(Some((login, user.clone()))));
    }
    assert_eq!(store.login(login(3, &user).id).await, Ok(None));
    assert_eq!(count_events(store, EventKind::LoginSucceeded).await, 2);
}

async fn a_login_on_an_old_epoch_is_not_stored(database: &Database) {
    let store = &database.store;
    let user = a_user(store, 1).await;
    let left = effects(EventKind::LoginSucceeded);
    let (stale, login) = (user.epoch - 1, login(1, &user));
    assert_eq!(
        store.open_login(&login, stale, None, &left).await,
        Ok(false)
    );
    let disabled = store
        .set_status(user.id, UserStatus::Disabled, NOW, &none())
        .await;
    assert_eq!(disabled, Ok(true));
    let raised = user.epoch + 1;
    assert_eq!(
        store.open_login(&login, raised, None, &left).await,
        Ok(false)
    );
    assert_eq!(store.login(login.id).await, Ok(None));
    assert_eq!(count_events(store, EventKind::LoginSucceeded).await, 0);
}

async fn a_login_ends_once_and_for_its_owner_only(database: &Database) {
    let store = &database.store;
    let (owner, stranger) = (a_user(store, 1).await, user(2));
    let login = a_login(store, 1, &owner).await;
    let left = effects(EventKind::LoginEnded);
    let end = |by: &User| store.end_login(login.id, by.id, NOW, &left);
    assert_eq!(end(&stranger).await, Ok(None));
    assert_eq!(read(store, &login).await.ended, None);
    assert_eq!(end(&owner).await, Ok(Some(vec![])));
    assert_eq!(end(&owner).await, Ok(None));
    assert_eq!(read(store, &login).await.ended, Some(NOW));
    assert_eq!(count_events(store, EventKind::LoginEnded).await, 1);
}

async fn what_was_opened_from_a_login_ends_with_it_unless_it_may_go_on(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let user = a_user(store, 1).await;
    let (here, elsewhere) = (
        a_login(store, 1, &user).await,
        a_login(store, 2, &user).await,
    );
    let plain = opened_from(store, 1, (&user, &here), "openid profile").await;
    let bare = opened_from(store, 2, (&user, &here), "").await;
    let offline = opened_from(store, 3, (&user, &here), "offline_access openid").await;
    let other = opened_from(store, 4, (&user, &elsewhere), "openid").await;
    let head = store.feed_head().await.unwrap();
    let told = store.end_login(here.id, user.id, NOW, &none()).await;
    let mut told: Vec<_> = told
        .unwrap()
        .unwrap()
        .iter()
        .map(|one| one.session)
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [plain.id, offline.id],
        "who knows of it by an ID token"
    );
    assert_eq!(stored(store, &plain).await.ended, ENDED);
    assert_eq!(stored(store, &bare).await.ended, ENDED);
    assert_eq!(stored(store, &offline).await.ended, None);
    assert_eq!(stored(store, &other).await.ended, None);
    let told = store.events_after(head.position, 10).await.unwrap();
    assert_eq!(told.len(), 2, "verifiers hear of both");
}

async fn a_login_that_has_ended_opens_no_session(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let user = a_user(store, 1).await;
    let login = a_login(store, 1, &user).await;
    store
        .end_login(login.id, user.id, NOW, &none())
        .await
        .unwrap();
    for login in [login.id, crate::kit::login(2, &user).id] {
        let session = Session {
            login: Some(login),
            ..session(1, &user)
        };
        let left = effects(EventKind::LoginSucceeded);
        assert_eq!(store.open(&session, user.epoch, &left).await, Ok(false));
        assert_eq!(store.standing(session.id).await, Ok(None));
    }
}

async fn a_new_login_of_the_same_person_takes_the_sessions_over(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let user = a_user(store, 1).await;
    let old = a_login(store, 1, &user).await;
    let session = opened_from(store, 1, (&user, &old), "openid").await;
    let new = login(2, &user);
    let opened = store
        .open_login(&new, user.epoch, Some(old.id), &none())
        .await;
    assert_eq!(opened, Ok(true));
    assert_eq!(read(store, &old).await.ended, Some(NOW));
    let moved = stored(store, &session).await;
    assert_eq!((moved.login, moved.ended), (Some(new.id), None));
    store
        .end_login(new.id, user.id, NOW, &none())
        .await
        .unwrap();
    assert_eq!(stored(store, &session).await.ended, ENDED);
}

async fn a_new_login_of_somebody_else_ends_the_sessions(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let (before, after) = (a_user(store, 1).await, a_user(store, 2).await);
    let old = a_login(store, 1, &before).await;
    let session = opened_from(store, 1, (&before, &old), "openid").await;
    let offline = opened_from(store, 2, (&before, &old), "openid offline_access").await;
    let new = login(2, &after);
    let opened = store
        .open_login(&new, after.epoch, Some(old.id), &none())
        .await;
    assert_eq!(opened, Ok(true));
    assert_eq!(read(store, &old).await.ended, Some(NOW));
    assert_eq!(stored(store, &session).await.ended, ENDED);
    let offline = stored(store, &offline).await;
    assert_eq!((offline.login, offline.ended), (Some(old.id), None));
}

async fn whatever_ends_all_sessions_of_a_user_ends_the_logins(database: &Database) {
    let store = &database.store;
    let (user, other) = (a_user(store, 1).await, a_user(store, 2).await);
    let spared = a_login(store, 9, &other).await;
    let first = a_login(store, 1, &user).await;
    let reason = EndReason::LogoutEverywhere;
    store
        .end_all(user.id, None, reason, NOW, &none())
        .await
        .unwrap();
    let second = a_login(store, 2, &user).await;
    let password = password(7);
    let changed = store
        .change_password(&user, &password, None, NOW, &none())
        .await;
    assert_eq!(changed, Ok(true));
    let user = store.by_id(user.id).await.unwrap().unwrap();
    let third = a_login(store, 3, &user).await;
    let disabled = store
        .set_status(user.id, UserStatus::Disabled, NOW, &none())
        .await;
    assert_eq!(disabled, Ok(true));
    for login in [first, second, third] {
        assert_eq!(read(store, &login).await.ended, Some(NOW));
    }
    assert_eq!(store.delete(user.id, NOW, &none()).await, Ok(true));
    assert_eq!(
        store.login(login(1, &user).id).await,
        Ok(None),
        "without its user a login is none"
    );
    assert_eq!(read(store, &spared).await.ended, None);
}

async fn a_login_is_kept_and_never_shortened(database: &Database) {
    let store = &database.store;
    let user = a_user(store, 1).await;
    let login = a_login(store, 1, &user).await;
    let later = login.idle_until + Period::days(1);
    for until in [later, NOW] {
        store.keep_login(login.id, until).await.unwrap();
        assert_eq!(read(store, &login).await.idle_until, later);
    }
    store
        .end_login(login.id, user.id, NOW, &none())
        .await
        .unwrap();
    store
        .keep_login(login.id, later + Period::days(1))
        .await
        .unwrap();
    assert_eq!(read(store, &login).await.idle_until, later);
}

async fn logins_are_listed_while_they_live_and_purged_when_they_expire(database: &Database) {
    let store = &database.store;
    let (user, other) = (a_user(store, 1).await, a_user(store, 2).await);
    let (first, second) = (
        a_login(store, 1, &user).await,
        a_login(store, 2, &user).await,
    );
    let ended = a_login(store, 3, &user).await;
    store
        .end_login(ended.id, user.id, NOW, &none())
        .await
        .unwrap();
    a_login(store, 4, &other).await;
    let listed = async |at| store.logins_of(user.id, at, 10).await.unwrap();
    assert_eq!(listed(NOW).await, [first.clone(), second.clone()]);
    assert_eq!(
        store.logins_of(user.id, NOW, 1).await,
        Ok(vec![first.clone()])
    );
    assert_eq!(listed(first.idle_until).await, []);
    store
        .keep_login(first.id, first.expires_at + Period::days(1))
        .await
        .unwrap();
    assert_eq!(listed(first.expires_at).await, []);

    store.purge(first.expires_at, 100).await.unwrap();
    assert_eq!(
        read(store, &ended).await.ended,
        Some(NOW),
        "it has not expired yet"
    );
    store
        .purge(first.expires_at + Period::millis(1), 100)
        .await
        .unwrap();
    assert_eq!(store.login(first.id).await, Ok(None));
}
