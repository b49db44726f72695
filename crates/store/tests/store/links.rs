//! What `ports::Users` promises about one-time links.

use keywright_domain::account::{LinkPurpose, User};
use keywright_domain::audit::{Effects, EventKind};
use keywright_domain::ports::{Redeemed, Users};
use keywright_domain::session::EndReason;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_link_opens_for_its_purpose_until_it_expires,
    a_proved_address_is_marked,
    a_reset_sets_the_password_ends_sessions_and_spends_every_link,
}

async fn read(database: &Database, id: keywright_domain::UserId) -> User {
    database
        .store
        .by_id(id)
        .await
        .unwrap()
        .expect("the user is there")
}

async fn a_link_opens_for_its_purpose_until_it_expires(database: &Database) {
    let store = &database.store;
    let link = link(1, &a_user(store, 1).await, LinkPurpose::VerifyEmail);
    store
        .record(&Effects {
            links: vec![link.clone()],
            ..none()
        })
        .await
        .unwrap();
    let open = |purpose, now| store.open_link(link.id, purpose, now);
    assert_eq!(
        open(LinkPurpose::VerifyEmail, NOW).await,
        Ok(Some(link.clone()))
    );
    assert_eq!(open(LinkPurpose::ResetPassword, NOW).await, Ok(None));
    assert_eq!(
        open(LinkPurpose::VerifyEmail, link.expires_at).await,
        Ok(None)
    );
    let late = store
        .redeem(&link, Redeemed::EmailVerified, link.expires_at, &none())
        .await;
    assert_eq!(late, Ok(false));
}

async fn a_proved_address_is_marked(database: &Database) {
    let store = &database.store;
    let user = a_user(store, 1).await;
    let link = link(1, &user, LinkPurpose::VerifyEmail);
    store
        .record(&Effects {
            links: vec![link.clone()],
            ..none()
        })
        .await
        .unwrap();
    let left = effects(EventKind::EmailVerified);
    assert_eq!(
        store
            .redeem(&link, Redeemed::EmailVerified, NOW, &left)
            .await,
        Ok(true)
    );
    assert_eq!(
        store
            .redeem(&link, Redeemed::EmailVerified, NOW, &left)
            .await,
        Ok(false)
    );
    assert!(read(database, user.id).await.email_verified);
    assert_eq!(count_events(store, EventKind::EmailVerified).await, 1);
}

async fn a_reset_sets_the_password_ends_sessions_and_spends_every_link(database: &Database) {
    let store = &database.store;
    let (user, session) = a_session(store, 1).await;
    let links = [1, 2].map(|n| link(n, &user, LinkPurpose::ResetPassword));
    store
        .record(&Effects {
            links: links.to_vec(),
            ..none()
        })
        .await
        .unwrap();
    let to = password(2);
    let left = effects(EventKind::PasswordReset);
    assert_eq!(
        store
            .redeem(&links[0], Redeemed::PasswordReset(&to), NOW, &left)
            .await,
        Ok(true)
    );

    let after = read(database, user.id).await;
    assert_eq!((after.password, after.epoch), (Some(to), user.epoch + 1));
    assert!(after.email_verified);
    let reason = stored(store, &session)
        .await
        .ended
        .map(|ended| ended.reason);
    assert_eq!(reason, Some(EndReason::PasswordChanged));
    assert_eq!(
        store
            .open_link(links[1].id, LinkPurpose::ResetPassword, NOW)
            .await,
        Ok(None)
    );
}
