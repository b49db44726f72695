//! What `ports::Devices` promises.

use keywright_domain::account::User;
use keywright_domain::audit::EventKind;
use keywright_domain::grant::device::{
    Approval, DeviceCode, DeviceCodeId, DeviceState, Poll, PollRefused, UserCodeId,
};
use keywright_domain::ports::{Devices, Inserted, Logins, Sessions};
use keywright_domain::{Period, Time};

use crate::authorizations::a_user_who_is_in;
use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_code_is_read_back_as_written,
    a_user_code_is_taken_until_it_expires,
    a_device_is_told_to_slow_down_by_what_it_asked_before,
    a_device_is_decided_about_once,
    a_code_that_was_allowed_opens_one_session,
    a_code_opens_nothing_for_another_epoch,
    a_login_that_has_ended_lets_nothing_in,
}

pub fn device(n: u8) -> DeviceCode {
    DeviceCode {
        id: DeviceCodeId([n; 16]),
        user_code: UserCodeId([n; 16]),
        client: client_id(1),
        audience: "orders".parse().unwrap(),
        scope: "read:orders".parse().unwrap(),
        openid: "openid".parse().unwrap(),
        details: serde_json::from_str(r#"[{"type":"payment","amount":"1"}]"#).unwrap(),
        created_at: NOW,
        expires_at: NOW + Period::minutes(10),
        state: DeviceState::Pending,
        interval: Period::secs(5),
        polled_at: None,
    }
}

/// By user `n`, out of the login of that number.
pub fn approval(n: u32, user: &User) -> Approval {
    Approval {
        user: user.id,
        epoch: user.epoch,
        login: login(n, user).id,
        authenticated_at: NOW - Period::minutes(1),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
    }
}

pub fn allowed(n: u32, user: &User) -> DeviceState {
    DeviceState::Allowed(approval(n, user))
}

async fn polled(database: &Database, n: u8, at: Time) -> Poll {
    let id = DeviceCodeId([n; 16]);
    let client = client_id(1);
    let answer = database.store.poll_device(id, &client, at).await;
    answer.unwrap().expect("the code is there").1
}

async fn a_code_is_read_back_as_written(database: &Database) {
    let store = &database.store;
    let code = device(1);
    assert_eq!(store.insert_device_code(&code).await, Ok(Inserted::Yes));
    let waiting = store.waiting_device(code.user_code, NOW).await;
    assert_eq!(waiting, Ok(Some(code.clone())));
    let user = a_user_who_is_in(store, 1).await;
    let state = allowed(1, &user);
    let left = effects(EventKind::DeviceAllowed);
    assert_eq!(
        store.decide_device(code.id, &state, NOW, &left).await,
        Ok(true)
    );
    let waiting = store.waiting_device(code.user_code, NOW).await;
    assert_eq!(waiting, Ok(None), "it waits no more");
    let client = client_id(1);
    let (read, _) = store
        .poll_device(code.id, &client, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read, DeviceCode { state, ..code });
    let none = store.poll_device(DeviceCodeId([9; 16]), &client, NOW).await;
    assert_eq!(none, Ok(None));
}

async fn a_user_code_is_taken_until_it_expires(database: &Database) {
    let store = &database.store;
    let first = device(1);
    assert_eq!(store.insert_device_code(&first).await, Ok(Inserted::Yes));
    let second = DeviceCode {
        id: DeviceCodeId([2; 16]),
        ..first.clone()
    };
    assert_eq!(store.insert_device_code(&second).await, Ok(Inserted::Taken));
    let later = DeviceCode {
        created_at: first.expires_at,
        expires_at: first.expires_at + Period::minutes(10),
        ..second
    };
    assert_eq!(store.insert_device_code(&later).await, Ok(Inserted::Yes));
    let late = store
        .waiting_device(first.user_code, first.expires_at)
        .await;
    assert_eq!(late, Ok(Some(later)));
}

async fn a_device_is_told_to_slow_down_by_what_it_asked_before(database: &Database) {
    let code = device(1);
    database.store.insert_device_code(&code).await.unwrap();
    let after = |secs| NOW + Period::secs(secs);
    for (secs, interval, refused) in [
        (1, 5, PollRefused::Pending),
        (2, 10, PollRefused::SlowDown),
        (7, 15, PollRefused::SlowDown),
        (22, 15, PollRefused::Pending),
    ] {
        let expected = Poll::Wait {
            interval: Period::secs(interval),
            refused,
        };
        assert_eq!(polled(database, 1, after(secs)).await, expected, "{secs}");
    }
}

async fn a_device_is_decided_about_once(database: &Database) {
    let store = &database.store;
    for n in [1, 2] {
        store.insert_device_code(&device(n)).await.unwrap();
    }
    let user = a_user_who_is_in(store, 1).await;
    let (one, other) = (device(1), device(2));
    let left = effects(EventKind::DeviceDenied);
    for (state, done) in [(DeviceState::Denied, true), (allowed(1, &user), false)] {
        assert_eq!(
            store.decide_device(one.id, &state, NOW, &left).await,
            Ok(done)
        );
    }
    let late = store
        .decide_device(other.id, &allowed(1, &user), other.expires_at, &left)
        .await;
    assert_eq!(late, Ok(false));
    assert_eq!(
        polled(database, 1, NOW).await,
        Poll::Refused(PollRefused::Denied)
    );
    assert_eq!(count_events(store, EventKind::DeviceDenied).await, 1);
}

async fn a_code_that_was_allowed_opens_one_session(database: &Database) {
    let store = &database.store;
    let user = a_user_who_is_in(store, 1).await;
    a_client(store).await;
    let code = device(1);
    store.insert_device_code(&code).await.unwrap();
    let session = session(1, &user);
    let left = effects(EventKind::SessionOpened);
    let approval = approval(1, &user);
    let redeem = || store.redeem_device(code.id, &session, &approval, &left);
    assert_eq!(redeem().await, Ok(false), "nobody has allowed it");
    let state = allowed(1, &user);
    store
        .decide_device(code.id, &state, NOW, &none())
        .await
        .unwrap();
    assert_eq!(redeem().await, Ok(true));
    assert_eq!(redeem().await, Ok(false));
    assert_eq!(stored(store, &session).await, session);
    assert_eq!(count_events(store, EventKind::SessionOpened).await, 1);
}

async fn a_code_opens_nothing_for_another_epoch(database: &Database) {
    let store = &database.store;
    let user = a_user_who_is_in(store, 1).await;
    let code = device(1);
    store.insert_device_code(&code).await.unwrap();
    let state = allowed(1, &user);
    store
        .decide_device(code.id, &state, NOW, &none())
        .await
        .unwrap();
    let session = session(1, &user);
    let other = Approval {
        epoch: user.epoch + 1,
        ..approval(1, &user)
    };
    let opened = store
        .redeem_device(code.id, &session, &other, &none())
        .await;
    assert_eq!(opened, Ok(false));
    assert_eq!(store.standing(session.id).await, Ok(None));
    let poll = polled(database, 1, NOW).await;
    assert!(
        matches!(poll, Poll::Open(_)),
        "the code is not spent: {poll:?}"
    );
}

async fn a_login_that_has_ended_lets_nothing_in(database: &Database) {
    let store = &database.store;
    let user = a_user_who_is_in(store, 1).await;
    let (before, after) = (device(1), device(2));
    for code in [&before, &after] {
        store.insert_device_code(code).await.unwrap();
    }
    let state = allowed(1, &user);
    let decide = |code: DeviceCodeId| {
        let (state, store) = (state.clone(), store.clone());
        async move { store.decide_device(code, &state, NOW, &none()).await }
    };
    assert_eq!(decide(before.id).await, Ok(true));
    let ended = store
        .end_login(login(1, &user).id, user.id, NOW, &none())
        .await;
    assert_eq!(ended, Ok(Some(Vec::new())));
    assert_eq!(decide(after.id).await, Ok(false));
    let session = session(1, &user);
    let opened = store
        .redeem_device(before.id, &session, &approval(1, &user), &none())
        .await;
    assert_eq!(opened, Ok(false));
    assert_eq!(store.standing(session.id).await, Ok(None));
}
