//! What `ports::Authorizations` promises.

use std::sync::Arc;

use keywright_domain::Period;
use keywright_domain::access::ScopeSet;
use keywright_domain::account::{User, UserStatus};
use keywright_domain::audit::EventKind;
use keywright_domain::authorize::{AuthorizationCode, CodeId, Consent};
use keywright_domain::client::ClientId;
use keywright_domain::openid::ClaimsRequest;
use keywright_domain::ports::{
    Authorizations, Clients, CodeSpent, Feed, Logins, Sessions, Upkeep, Users,
};
use keywright_domain::session::{EndReason, Session};
use keywright_store::Store;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    a_code_is_stored_whole,
    a_code_opens_one_session_and_knows_it_afterwards,
    a_code_opens_nothing_for_an_account_that_has_changed,
    a_code_opens_nothing_once_its_login_has_ended,
    a_burnt_code_opens_nothing,
    consents_add_up_and_are_listed_by_client,
    withdrawing_consent_ends_the_clients_sessions_and_voids_its_codes,
    consents_go_with_their_user_and_their_client,
    old_codes_are_forgotten,
    a_code_that_races_with_withdrawal_leaves_no_live_session,
}

pub fn code(n: u32, user: &User) -> AuthorizationCode {
    AuthorizationCode {
        id: CodeId([u8::try_from(n).unwrap(); 16]),
        client: client_id(1),
        redirect_uri: "https://app.example/cb".to_owned(),
        user: user.id,
        epoch: user.epoch,
        login: login(n, user).id,
        audience: "orders".parse().unwrap(),
        scope: "read:orders".parse().unwrap(),
        openid: "openid email".parse().unwrap(),
        nonce: Some("a \"nonce\" \u{1F511}".to_owned()),
        code_challenge: Some("challenge".to_owned()),
        dpop_jkt: None,
        authenticated_at: NOW - Period::minutes(3),
        amr: vec!["pwd".to_owned()],
        acr_values: vec!["1".to_owned()],
        claims: ClaimsRequest::parse(r#"{"id_token":{"email":null}}"#).unwrap(),
        details: details(),
        issued_at: NOW,
        expires_at: NOW + Period::secs(60),
    }
}

fn consent(user: &User, client: &ClientId, scopes: &[(&str, &str)], openid: &str) -> Consent {
    let parse = |(audience, scopes): &(&str, &str)| {
        let scopes: ScopeSet = scopes.parse().unwrap();
        (audience.parse().unwrap(), scopes)
    };
    Consent {
        user: user.id,
        client: client.clone(),
        scopes: scopes.iter().map(parse).collect(),
        openid: openid.parse().unwrap(),
        given_at: NOW,
    }
}

/// Stores user `n` with a login of that number.
pub async fn a_user_who_is_in(store: &Store, n: u32) -> User {
    let user = a_user(store, n).await;
    is_in(store, n, &user).await;
    user
}

async fn is_in(store: &Store, n: u32, user: &User) {
    let login = login(n, user);
    let opened = store.open_login(&login, user.epoch, None, &none()).await;
    assert_eq!(opened, Ok(true));
}

/// Stores user, client and code, all numbered `n` but the client.
async fn a_code(store: &Store, n: u32) -> (User, AuthorizationCode) {
    a_client(store).await;
    let user = a_user_who_is_in(store, n).await;
    let code = code(n, &user);
    assert_eq!(store.issue_code(&code, None, &none()).await, Ok(true));
    (user, code)
}

async fn end_of(store: &Store, session: &Session) -> Option<EndReason> {
    stored(store, session).await.ended.map(|ended| ended.reason)
}

async fn a_code_is_stored_whole(database: &Database) {
    let store = &database.store;
    let (user, code) = a_code(store, 1).await;
    let found = store.code(code.id).await.unwrap().expect("the code");
    assert_eq!(
        (&found.code, found.is_spent, found.session),
        (&code, false, None)
    );
    assert_eq!(store.code(CodeId([9; 16])).await, Ok(None));

    let stale = AuthorizationCode {
        epoch: user.epoch - 1,
        login: code.login,
        ..self::code(2, &user)
    };
    let given = consent(&user, &client_id(1), &[], "openid");
    let left = effects(EventKind::AuthorizationGranted);
    assert_eq!(
        store.issue_code(&stale, Some(&given), &left).await,
        Ok(false)
    );
    assert_eq!(store.code(stale.id).await, Ok(None));
    assert_eq!(store.consent(user.id, &client_id(1)).await, Ok(None));
    assert_eq!(
        count_events(store, EventKind::AuthorizationGranted).await,
        0
    );
}

async fn a_code_opens_one_session_and_knows_it_afterwards(database: &Database) {
    let store = &database.store;
    let (user, code) = a_code(store, 1).await;
    let (first, second) = (session(1, &user), session(2, &user));
    let left = effects(EventKind::SessionOpened);
    let redeem = |session| store.redeem_code(&code, session, &left);
    assert_eq!(redeem(&first).await, Ok(CodeSpent::Opened));
    assert_eq!(redeem(&second).await, Ok(CodeSpent::Before(Some(first.id))));
    assert_eq!(stored(store, &first).await, first);
    assert_eq!(store.standing(second.id).await, Ok(None));
    assert_eq!(count_events(store, EventKind::SessionOpened).await, 1);
    let found = store.code(code.id).await.unwrap().expect("the code");
    assert_eq!((found.is_spent, found.session), (true, Some(first.id)));
}

async fn a_code_opens_nothing_for_an_account_that_has_changed(database: &Database) {
    let store = &database.store;
    let (user, code) = a_code(store, 1).await;
    let to = password(2);
    let changed = store.change_password(&user, &to, None, NOW, &none()).await;
    assert_eq!(changed, Ok(true));
    let opened = session(1, &user);
    let spent = store.redeem_code(&code, &opened, &none()).await;
    assert_eq!(spent, Ok(CodeSpent::Void));

    let (user, code) = a_code(store, 2).await;
    let status = UserStatus::Disabled;
    assert_eq!(
        store.set_status(user.id, status, NOW, &none()).await,
        Ok(true)
    );
    let spent = store.redeem_code(&code, &session(2, &user), &none()).await;
    assert_eq!(spent, Ok(CodeSpent::Void));
}

async fn a_code_opens_nothing_once_its_login_has_ended(database: &Database) {
    let store = &database.store;
    let (user, code) = a_code(store, 1).await;
    let ended = store.end_login(code.login, user.id, NOW, &none()).await;
    assert_eq!(ended, Ok(Some(vec![])));
    let spent = store.redeem_code(&code, &session(1, &user), &none()).await;
    assert_eq!(spent, Ok(CodeSpent::Void));
    let late = AuthorizationCode {
        id: CodeId([9; 16]),
        ..code
    };
    assert_eq!(store.issue_code(&late, None, &none()).await, Ok(false));
}

async fn a_burnt_code_opens_nothing(database: &Database) {
    let store = &database.store;
    let (user, code) = a_code(store, 1).await;
    assert_eq!(store.burn_code(code.id, NOW).await, Ok(()));
    let spent = store.redeem_code(&code, &session(1, &user), &none()).await;
    assert_eq!(spent, Ok(CodeSpent::Before(None)));

    let (user, code) = a_code(store, 2).await;
    let opened = session(2, &user);
    let spent = store.redeem_code(&code, &opened, &none()).await;
    assert_eq!(spent, Ok(CodeSpent::Opened));
    assert_eq!(store.burn_code(code.id, NOW).await, Ok(()));
    let found = store.code(code.id).await.unwrap().expect("the code");
    assert_eq!(
        found.session,
        Some(opened.id),
        "what it opened is not forgotten"
    );
}

async fn consents_add_up_and_are_listed_by_client(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let second = client(2);
    store.insert_client(&second, &none()).await.unwrap();
    let user = a_user(store, 1).await;
    let give = async |n, given: &Consent| {
        is_in(store, n, &user).await;
        let code = code(n, &user);
        assert_eq!(
            store.issue_code(&code, Some(given), &none()).await,
            Ok(true)
        );
    };
    give(1, &consent(&user, &second.id, &[("orders", "a")], "openid")).await;
    give(2, &consent(&user, &client_id(1), &[("orders", "a")], "")).await;
    let more = [("orders", "b"), ("mail", "c")];
    give(3, &consent(&user, &client_id(1), &more, "email")).await;

    let all = [("orders", "a b"), ("mail", "c")];
    let sum = consent(&user, &client_id(1), &all, "email");
    assert_eq!(store.consent(user.id, &client_id(1)).await, Ok(Some(sum)));
    let listed = store.consents_of(user.id).await.unwrap();
    let names: Vec<_> = listed.iter().map(|one| one.client_name.as_str()).collect();
    assert_eq!(names, ["Client 1", "Client 2"]);
    let stranger = a_user(store, 2).await;
    assert_eq!(store.consents_of(stranger.id).await, Ok(vec![]));
}

async fn withdrawing_consent_ends_the_clients_sessions_and_voids_its_codes(database: &Database) {
    let store = &database.store;
    let (user, mine) = a_session(store, 1).await;
    is_in(store, 1, &user).await;
    let elsewhere = Session {
        client: client_id(2),
        ..session(2, &user)
    };
    store.insert_client(&client(2), &none()).await.unwrap();
    store.open(&elsewhere, user.epoch, &none()).await.unwrap();
    let (_, of_another) = a_session(store, 3).await;
    let given = consent(&user, &client_id(1), &[("orders", "a")], "openid");
    let code = code(1, &user);
    let issued = store.issue_code(&code, Some(&given), &none()).await;
    assert_eq!(issued, Ok(true));

    let before = store.feed_head().await.unwrap().position;
    let left = effects(EventKind::ConsentWithdrawn);
    let withdraw = || store.withdraw_consent(user.id, &given.client, NOW, &left);
    assert_eq!(withdraw().await, Ok(true));
    assert_eq!(
        end_of(store, &mine).await,
        Some(EndReason::ConsentWithdrawn)
    );
    assert_eq!(end_of(store, &elsewhere).await, None);
    assert_eq!(end_of(store, &of_another).await, None);
    let told = store.events_after(before, 10).await.unwrap();
    assert_eq!(told.len(), 1, "verifiers are told of the one session");
    let spent = store.redeem_code(&code, &session(4, &user), &none()).await;
    assert_eq!(spent, Ok(CodeSpent::Void));

    assert_eq!(withdraw().await, Ok(false));
    assert_eq!(count_events(store, EventKind::ConsentWithdrawn).await, 1);
}

async fn consents_go_with_their_user_and_their_client(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let ann = a_user_who_is_in(store, 1).await;
    let bob = a_user_who_is_in(store, 2).await;
    for (n, user) in [(1, &ann), (2, &bob)] {
        let given = consent(user, &client_id(1), &[], "openid");
        let code = code(n, user);
        store
            .issue_code(&code, Some(&given), &none())
            .await
            .unwrap();
    }
    assert_eq!(store.delete(ann.id, NOW, &none()).await, Ok(true));
    assert_eq!(store.consent(ann.id, &client_id(1)).await, Ok(None));
    let deleted = store.delete_client(&client_id(1), NOW, &none()).await;
    assert_eq!(deleted, Ok(true));
    assert_eq!(store.consent(bob.id, &client_id(1)).await, Ok(None));
}

async fn old_codes_are_forgotten(database: &Database) {
    let store = &database.store;
    let (_, code) = a_code(store, 1).await;
    assert_eq!(store.purge(code.expires_at, 10).await, Ok(0));
    assert_eq!(
        store.purge(code.expires_at + Period::millis(1), 10).await,
        Ok(1)
    );
    assert_eq!(store.code(code.id).await, Ok(None));
}

async fn a_code_that_races_with_withdrawal_leaves_no_live_session(database: &Database) {
    let store = &database.store;
    let other: Arc<Store> = database.second_node().await;
    a_client(store).await;
    for n in 1..=25 {
        let user = a_user_who_is_in(store, n).await;
        let given = consent(&user, &client_id(1), &[], "openid");
        let code = code(n, &user);
        store
            .issue_code(&code, Some(&given), &none())
            .await
            .unwrap();
        let (opened, nothing) = (session(n, &user), none());
        let (spent, withdrawn) = tokio::join!(
            other.redeem_code(&code, &opened, &nothing),
            store.withdraw_consent(user.id, &given.client, NOW, &nothing),
        );
        assert_eq!(withdrawn, Ok(true));
        match spent.unwrap() {
            CodeSpent::Opened => {
                let reason = end_of(store, &opened).await;
                assert_eq!(reason, Some(EndReason::ConsentWithdrawn), "round {n}");
            }
            CodeSpent::Void => assert_eq!(store.standing(opened.id).await, Ok(None)),
            CodeSpent::Before(session) => panic!("nobody else presented it: {session:?}"),
        }
    }
}
