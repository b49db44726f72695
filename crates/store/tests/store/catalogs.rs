//! What `ports::Catalogs` promises.

use std::collections::BTreeMap;

use keywright_domain::Period;
use keywright_domain::access::{Api, Audience, DetailTypes, Role};
use keywright_domain::audit::EventKind;
use keywright_domain::claims::{ClaimsPolicy, Source, UserAttribute};
use keywright_domain::keys::Algorithm;
use keywright_domain::ports::{Catalogs, Clients, Upkeep, Users};

use serde_json::json;

use crate::kit::database::count_events;
use crate::kit::*;

on_both_engines! {
    the_catalog_is_read_back_as_written,
    each_write_raises_the_version,
    a_deleted_api_leaves_roles_and_clients,
    a_deleted_role_leaves_every_user,
}

fn audience(name: &str) -> Audience {
    name.parse().unwrap()
}

fn api(name: &str) -> Api {
    Api {
        audience: audience(name),
        name: format!("The {name} API"),
        scopes: BTreeMap::from([
            ("read:orders".parse().unwrap(), "See \"orders\"".to_owned()),
            ("write:orders".parse().unwrap(), "Change orders".to_owned()),
        ]),
        access_lifetime: Period::minutes(5),
        algorithm: Algorithm::EdDsa,
        claims: Default::default(),
        details: Default::default(),
        created_at: NOW,
    }
}

fn claims() -> ClaimsPolicy {
    ClaimsPolicy {
        claims: BTreeMap::from([
            ("tenant".parse().unwrap(), Source::Static("acme".into())),
            ("mail".parse().unwrap(), Source::User(UserAttribute::Email)),
            ("groups".parse().unwrap(), Source::RoleNames),
        ]),
        max_bytes: 900,
        allow_personal: ["mail".parse().unwrap()].into(),
    }
}

fn detail_types() -> DetailTypes {
    serde_json::from_value(json!({
        "payment": { "description": "Pay \"once\"", "schema": {
            "properties": { "amount": { "type": "string", "maxLength": 20 }, "times": { "type": "integer" } },
            "required": ["amount"],
        } },
        "https://api.example/read": { "description": "Read", "schema": { "properties": {} } },
    }))
    .unwrap()
}

fn role(name: &str, on: &[&str]) -> Role {
    let scopes: keywright_domain::access::ScopeSet = "read:orders".parse().unwrap();
    Role {
        name: name.parse().unwrap(),
        description: "Says what it does".to_owned(),
        grants: on
            .iter()
            .map(|name| (audience(name), scopes.clone()))
            .collect(),
    }
}

async fn the_catalog_is_read_back_as_written(database: &Database) {
    let store = &database.store;
    assert_eq!(store.catalog().await, Ok(Default::default()));
    store
        .put_api(&api("orders"), &effects(EventKind::ApiChanged))
        .await
        .unwrap();
    let changed = Api {
        access_lifetime: Period::minutes(9),
        algorithm: Algorithm::Hs512,
        claims: claims(),
        details: detail_types(),
        ..api("orders")
    };
    store
        .put_api(&changed, &effects(EventKind::ApiChanged))
        .await
        .unwrap();
    store
        .put_role(&role("viewer", &[]), &effects(EventKind::RoleChanged))
        .await
        .unwrap();
    let changed_role = role("viewer", &["orders"]);
    store
        .put_role(&changed_role, &effects(EventKind::RoleChanged))
        .await
        .unwrap();
    let catalog = store.catalog().await.unwrap();
    assert_eq!(catalog.apis.into_values().collect::<Vec<_>>(), [changed]);
    assert_eq!(
        catalog.roles.into_values().collect::<Vec<_>>(),
        [changed_role]
    );
    assert_eq!(count_events(store, EventKind::ApiChanged).await, 2);
}

async fn each_write_raises_the_version(database: &Database) {
    let store = &database.store;
    let mut last = store.versions().await.unwrap().catalog;
    let mut raised = async || {
        let now = store.versions().await.unwrap().catalog;
        let raised = now > last;
        last = now;
        raised
    };
    assert!(!raised().await);
    store.put_api(&api("orders"), &none()).await.unwrap();
    assert!(raised().await);
    store.put_role(&role("viewer", &[]), &none()).await.unwrap();
    assert!(raised().await);
    assert_eq!(
        store.delete_role(&"viewer".parse().unwrap(), &none()).await,
        Ok(Some(vec![]))
    );
    assert!(raised().await);
    assert_eq!(
        store.delete_api(&audience("orders"), &none()).await,
        Ok(true)
    );
    assert!(raised().await);
}

async fn a_deleted_api_leaves_roles_and_clients(database: &Database) {
    let store = &database.store;
    for name in ["orders", "stock"] {
        store.put_api(&api(name), &none()).await.unwrap();
    }
    store
        .put_role(&role("viewer", &["orders", "stock"]), &none())
        .await
        .unwrap();
    let client = a_client(store).await;
    let left = effects(EventKind::ApiDeleted);
    assert_eq!(store.delete_api(&audience("orders"), &left).await, Ok(true));
    assert_eq!(
        store.delete_api(&audience("orders"), &left).await,
        Ok(false)
    );

    let catalog = store.catalog().await.unwrap();
    assert_eq!(
        catalog.apis.into_keys().collect::<Vec<_>>(),
        [audience("stock")]
    );
    assert_eq!(
        catalog.roles.into_values().collect::<Vec<_>>(),
        [role("viewer", &["stock"])]
    );
    let after = store.client(&client.id).await.unwrap().expect("there");
    assert_eq!(
        (after.allowed, after.default_audience),
        (BTreeMap::new(), None)
    );
    assert_eq!(count_events(store, EventKind::ApiDeleted).await, 1);
}

async fn a_deleted_role_leaves_every_user(database: &Database) {
    let store = &database.store;
    // One role's name is a part of another's.
    for name in ["view", "viewer", "editor", "viewers"] {
        store.put_role(&role(name, &[]), &none()).await.unwrap();
    }
    let roles = |names: &[&str]| {
        names
            .iter()
            .map(|name| name.parse().unwrap())
            .collect::<Vec<_>>()
    };
    let held = [
        &["viewer"][..],
        &["editor", "view", "viewer", "viewers"],
        &["editor", "viewers"],
        &[],
    ];
    let mut bearers = Vec::new();
    for (n, names) in (1..).zip(held) {
        let user = a_user(store, n).await;
        if names.contains(&"viewer") {
            bearers.push(user.id);
        }
        store
            .set_roles(user.id, &roles(names), NOW, &none())
            .await
            .unwrap();
    }
    let gone = "viewer".parse().unwrap();
    assert_eq!(
        store
            .delete_role(&gone, &effects(EventKind::RoleDeleted))
            .await,
        Ok(Some(bearers))
    );
    assert_eq!(
        store
            .delete_role(&gone, &effects(EventKind::RoleDeleted))
            .await,
        Ok(None)
    );
    let left = [
        &[][..],
        &["editor", "view", "viewers"],
        &["editor", "viewers"],
        &[],
    ];
    for (n, names) in (1..).zip(left) {
        let after = store.by_id(user(n).id).await.unwrap().expect("there");
        assert_eq!(after.roles, roles(names), "user {n}");
    }
}
