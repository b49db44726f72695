//! What `ports::Users` promises.

use keywright_domain::account::{LinkPurpose, LoginName, User, UserStatus};
use keywright_domain::audit::{Effects, EventKind};
use keywright_domain::ports::{Page, Redeemed, Registered, Sessions, Users};
use keywright_domain::session::EndReason;
use keywright_domain::{Period, UserId};

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_user_is_read_back_as_written,
    a_stranger_is_nobody,
    users_are_paged_in_order,
    a_taken_address_writes_its_own_effects_and_no_user,
    a_taken_name_writes_its_own_effects_and_no_user,
    a_better_hash_replaces_only_the_password_that_was_read,
    changing_the_password_ends_the_other_sessions,
    a_password_change_on_an_old_reading_changes_nothing,
    disabling_ends_sessions_and_raises_the_epoch,
    enabling_keeps_the_epoch,
    roles_are_replaced,
    deleting_takes_links_and_letters_along_and_leaves_ended_sessions,
    what_concerns_nobody_changes_nothing,
}

async fn read(database: &Database, id: UserId) -> User {
    database
        .store
        .by_id(id)
        .await
        .unwrap()
        .expect("the user is there")
}

async fn a_user_is_read_back_as_written(database: &Database) {
    let store = &database.store;
    let mut bare = user(2);
    (bare.username, bare.password, bare.roles) = (None, None, vec![]);
    let full = a_user(store, 1).await;
    assert_eq!(
        store.register(&bare, &outcomes()).await,
        Ok(Registered::Created)
    );
    for user in [full, bare] {
        assert_eq!(store.by_id(user.id).await, Ok(Some(user.clone())));
        assert_eq!(
            store.by_login(&LoginName::new(user.email.as_str())).await,
            Ok(Some(user.clone()))
        );
        if let Some(name) = &user.username {
            assert_eq!(
                store.by_login(&LoginName::new(name.as_str())).await,
                Ok(Some(user))
            );
        }
    }
}

async fn a_stranger_is_nobody(database: &Database) {
    for name in ["user1", "user1@example.com", "", "\0", "@\0", "%", "user_"] {
        assert_eq!(
            database.store.by_login(&LoginName::new(name)).await,
            Ok(None),
            "{name:?}"
        );
    }
    assert_eq!(database.store.by_id(user(1).id).await, Ok(None));
}

async fn users_are_paged_in_order(database: &Database) {
    for n in [3, 1, 2] {
        a_user(&database.store, n).await;
    }
    let first = database
        .store
        .list(Page {
            after: None,
            limit: 2,
        })
        .await
        .unwrap();
    assert_eq!(first, [user(1), user(2)]);
    let rest = database
        .store
        .list(Page {
            after: Some(first[1].id),
            limit: 2,
        })
        .await
        .unwrap();
    assert_eq!(rest, [user(3)]);
}

async fn a_taken_address_writes_its_own_effects_and_no_user(database: &Database) {
    let store = &database.store;
    a_user(store, 1).await;
    let mut second = user(2);
    second.email = user(1).email;
    assert_eq!(
        store.register(&second, &outcomes()).await,
        Ok(Registered::EmailTaken)
    );
    second.username = user(1).username;
    assert_eq!(
        store.register(&second, &outcomes()).await,
        Ok(Registered::EmailTaken)
    );
    assert_eq!(store.by_id(second.id).await, Ok(None));
    assert_eq!(count_events(store, EventKind::AccountRegistered).await, 1);
    assert_eq!(
        count_events(store, EventKind::AccountRegistrationRepeated).await,
        2
    );
}

async fn a_taken_name_writes_its_own_effects_and_no_user(database: &Database) {
    let store = &database.store;
    a_user(store, 1).await;
    let mut second = user(2);
    second.username = user(1).username;
    assert_eq!(
        store.register(&second, &outcomes()).await,
        Ok(Registered::UsernameTaken)
    );
    assert_eq!(store.by_id(second.id).await, Ok(None));
    assert_eq!(
        count_events(store, EventKind::AccountRegistrationRepeated).await,
        1
    );
}

async fn a_better_hash_replaces_only_the_password_that_was_read(database: &Database) {
    let user = a_user(&database.store, 1).await;
    database
        .store
        .upgrade_password(user.id, &password(1), &password(2))
        .await
        .unwrap();
    assert_eq!(read(database, user.id).await.password, Some(password(2)));
    database
        .store
        .upgrade_password(user.id, &password(1), &password(3))
        .await
        .unwrap();
    let after = read(database, user.id).await;
    assert_eq!(
        (after.password, after.epoch),
        (Some(password(2)), user.epoch)
    );
}

async fn changing_the_password_ends_the_other_sessions(database: &Database) {
    let store = &database.store;
    let (user, kept) = a_session(store, 1).await;
    let other = session(2, &user);
    assert_eq!(store.open(&other, user.epoch, &none()).await, Ok(true));
    let left = effects(EventKind::PasswordChanged);
    let at = NOW + Period::secs(5);
    assert_eq!(
        store
            .change_password(&user, &password(2), Some(kept.id), at, &left)
            .await,
        Ok(true)
    );

    let after = read(database, user.id).await;
    assert_eq!(
        (after.password, after.epoch),
        (Some(password(2)), user.epoch + 1)
    );
    assert_eq!(after.updated_at, at);
    assert_eq!(stored(store, &kept).await.ended, None);
    let ended = stored(store, &other).await.ended.expect("ended");
    assert_eq!((ended.at, ended.reason), (at, EndReason::PasswordChanged));
    assert_eq!(count_events(store, EventKind::PasswordChanged).await, 1);
}

async fn a_password_change_on_an_old_reading_changes_nothing(database: &Database) {
    let store = &database.store;
    let (mut user, session) = a_session(store, 1).await;
    user.epoch -= 1;
    let left = effects(EventKind::PasswordChanged);
    assert_eq!(
        store
            .change_password(&user, &password(2), None, NOW, &left)
            .await,
        Ok(false)
    );
    assert_eq!(read(database, user.id).await.password, Some(password(1)));
    assert_eq!(stored(store, &session).await.ended, None);
    assert_eq!(count_events(store, EventKind::PasswordChanged).await, 0);
}

async fn disabling_ends_sessions_and_raises_the_epoch(database: &Database) {
    let store = &database.store;
    let (user, session_1) = a_session(store, 1).await;
    let left = effects(EventKind::AccountDisabled);
    assert_eq!(
        store
            .set_status(user.id, UserStatus::Disabled, NOW, &left)
            .await,
        Ok(true)
    );
    let after = read(database, user.id).await;
    assert_eq!(
        (after.status, after.epoch),
        (UserStatus::Disabled, user.epoch + 1)
    );
    let reason = stored(store, &session_1)
        .await
        .ended
        .map(|ended| ended.reason);
    assert_eq!(reason, Some(EndReason::UserDisabled));
    assert_eq!(
        store.open(&session(2, &user), after.epoch, &none()).await,
        Ok(false)
    );
    assert_eq!(count_events(store, EventKind::AccountDisabled).await, 1);
}

async fn enabling_keeps_the_epoch(database: &Database) {
    let store = &database.store;
    let user = a_user(store, 1).await;
    store
        .set_status(user.id, UserStatus::Disabled, NOW, &none())
        .await
        .unwrap();
    store
        .set_status(user.id, UserStatus::Active, NOW, &none())
        .await
        .unwrap();
    let after = read(database, user.id).await;
    assert_eq!(
        (after.status, after.epoch),
        (UserStatus::Active, user.epoch + 1)
    );
}

async fn roles_are_replaced(database: &Database) {
    let user = a_user(&database.store, 1).await;
    let at = NOW + Period::secs(1);
    for roles in [vec!["admin".parse().unwrap()], vec![]] {
        let left = effects(EventKind::AccountRolesChanged);
        assert_eq!(
            database.store.set_roles(user.id, &roles, at, &left).await,
            Ok(true)
        );
        let after = read(database, user.id).await;
        assert_eq!((after.roles, after.updated_at), (roles, at));
    }
}

async fn deleting_takes_links_and_letters_along_and_leaves_ended_sessions(database: &Database) {
    use keywright_domain::account::{Letter, LetterKind};
    use keywright_domain::ports::{Outbox, SessionQuery};

    let store = &database.store;
    let (user, _) = a_session(store, 1).await;
    let link = link(1, &user, LinkPurpose::ResetPassword);
    let letter = Letter {
        id: [1; 16],
        to: user.email.clone(),
        user: Some(user.id),
        kind: LetterKind::ResetPassword(link.id),
        created_at: NOW,
    };
    let left = Effects {
        links: vec![link.clone()],
        letters: vec![letter],
        ..none()
    };
    store.record(&left).await.unwrap();
    assert_eq!(
        store
            .delete(user.id, NOW, &effects(EventKind::AccountDeleted))
            .await,
        Ok(true)
    );

    assert_eq!(store.by_id(user.id).await, Ok(None));
    assert_eq!(store.open_link(link.id, link.purpose, NOW).await, Ok(None));
    assert_eq!(store.due_letters(NOW, NOW, 10).await, Ok(vec![]));
    let page = Page {
        after: None,
        limit: 10,
    };
    let query = SessionQuery {
        user: Some(user.id),
        live_at: None,
        page,
    };
    let left = store.sessions(&query).await.unwrap();
    let reasons: Vec<_> = left
        .iter()
        .map(|session| session.ended.map(|ended| ended.reason))
        .collect();
    assert_eq!(reasons, [Some(EndReason::UserDeleted)]);
    assert_eq!(
        store
            .delete(user.id, NOW, &effects(EventKind::AccountDeleted))
            .await,
        Ok(false)
    );
    assert_eq!(count_events(store, EventKind::AccountDeleted).await, 1);
}

async fn what_concerns_nobody_changes_nothing(database: &Database) {
    let store = &database.store;
    let nobody = user(9);
    let left = effects(EventKind::AccountDisabled);
    assert_eq!(
        store
            .set_status(nobody.id, UserStatus::Disabled, NOW, &left)
            .await,
        Ok(false)
    );
    assert_eq!(store.set_roles(nobody.id, &[], NOW, &left).await, Ok(false));
    assert_eq!(store.delete(nobody.id, NOW, &left).await, Ok(false));
    let link = link(1, &nobody, LinkPurpose::VerifyEmail);
    assert_eq!(
        store
            .redeem(&link, Redeemed::EmailVerified, NOW, &left)
            .await,
        Ok(false)
    );
    assert_eq!(count_events(store, EventKind::AccountDisabled).await, 0);
}
