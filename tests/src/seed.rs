//! What every test issuer holds.

use std::collections::BTreeMap;

use keywright_domain::access::{Api, Audience, ISSUER_SCOPES, Role, RoleName, ScopeSet};
use keywright_domain::account::{NewPassword, NewUser};
use keywright_domain::audit::Actor;
use keywright_domain::client::{ClientCertificates, ClientKind, Grant, NewClient, Registration};
use keywright_domain::keys::Gate;
use keywright_domain::limit::Quota;
use keywright_domain::policy::{
    AccountPolicy, KeyPolicy, LimitPolicy, LoginPolicy, RegistrationDoor, SelfRegistration,
    SessionPolicy,
};
use keywright_domain::secret::PlainSecret;
use keywright_domain::session::rotation::RefreshRules;
use keywright_domain::session::{AnomalyResponse, AnomalyRules};
use keywright_domain::{Issuer, Period, Policy};
use keywright_jwt::Algorithm;

use crate::InlinePasswords;

/// Where clients show certificates, if any are taken.
pub const MTLS: &str = "https://mtls.id.example";
pub const ISSUER: &str = "https://id.example";
/// The default API of every client here.
pub const ORDERS: &str = "https://orders.example";
/// An API on which nobody has a role.
pub const BILLING: &str = "https://billing.example";
/// Every seeded person has it.
pub const PASSWORD: &str = "seven otters juggle lamps";
/// Failed logins that one account is forgiven.
pub const FORGIVEN: u32 = 5;

/// A policy as an operator would leave it, with the cheapest hash.
pub fn policy() -> Policy {
    Policy {
        issuer: ISSUER.parse().unwrap(),
        first_party_client: "web".parse().unwrap(),
        accounts: AccountPolicy {
            registration: true,
            verified_email_required: true,
            default_roles: vec![role("viewer")],
            password_strength: 3,
            verify_link_lifetime: Period::hours(24),
            reset_link_lifetime: Period::hours(1),
            hash_cost: InlinePasswords::COST,
        },
        sessions: SessionPolicy {
            refresh: RefreshRules {
                grace: Period::secs(10),
                idle: Period::days(14),
                anomaly: AnomalyRules {
                    threshold: 60,
                    response: AnomalyResponse::Record,
                },
            },
            absolute: Period::days(90),
        },
        logins: LoginPolicy {
            idle: Period::days(7),
            absolute: Period::days(30),
            administration: Period::hours(1),
        },
        access_lifetime: Period::minutes(5),
        keys: KeyPolicy {
            default_algorithm: Algorithm::Es256,
            rotation: Period::days(30),
            jwks_max_age: Period::minutes(5),
            longest_token: Period::hours(1),
            gate: Gate::Time,
        },
        status_ttl: Period::secs(30),
        client_certificates: ClientCertificates::Off,
        mtls_url: None,
        limits: LimitPolicy {
            account_burst: FORGIVEN,
            account_interval: Period::minutes(1),
            address_burst: 50,
            address_interval: Period::secs(10),
            letter_burst: 5,
            letter_interval: Period::minutes(10),
            followers: 100,
        },
        webhook: false,
        self_registration: SelfRegistration {
            door: RegistrationDoor::Open,
            documents: true,
            open_to_strangers: grants_of(&[(ORDERS, "read:orders write:orders")]),
            detail_types: Default::default(),
            unused: Period::days(90),
            quota: Quota {
                burst: 20,
                interval: Period::minutes(1),
            },
        },
        trusted_issuers: Vec::new(),
    }
}

/// Fills a fresh issuer; answers the secrets of its confidential clients by client id.
pub async fn seed(issuer: &Issuer) -> BTreeMap<String, String> {
    for (audience, scopes) in [
        (ORDERS, ["read:orders", "write:orders"].as_slice()),
        (BILLING, ["read:invoices"].as_slice()),
    ] {
        let api = api(audience, scopes, Algorithm::Es256);
        issuer.put_api(&api, &Actor::Operator).await.unwrap();
    }
    let everything = issuer_scopes();
    for (name, grants) in [
        (
            "admin",
            vec![
                (ISSUER, everything.as_str()),
                (ORDERS, "read:orders write:orders"),
            ],
        ),
        ("editor", vec![(ORDERS, "read:orders write:orders")]),
        ("viewer", vec![(ORDERS, "read:orders")]),
    ] {
        let role = Role {
            name: role(name),
            description: name.to_owned(),
            grants: grants_of(&grants),
        };
        issuer.put_role(&role, &Actor::Operator).await.unwrap();
    }
    let secrets = seed_clients(issuer).await;
    for (name, roles) in [
        ("ann", vec!["viewer"]),
        ("bob", vec!["editor"]),
        ("root", vec!["admin"]),
    ] {
        let user = NewUser {
            username: Some(name.parse().unwrap()),
            email: email(name).parse().unwrap(),
            email_verified: true,
            password: NewPassword::Plain(PlainSecret::new(PASSWORD)),
            roles: roles.into_iter().map(role).collect(),
        };
        issuer.create_user(user, &Actor::Operator).await.unwrap();
    }
    secrets
}

async fn seed_clients(issuer: &Issuer) -> BTreeMap<String, String> {
    let everything = issuer_scopes();
    let people = [Grant::Login, Grant::RefreshToken];
    let service = [Grant::ClientCredentials];
    let orders = (ORDERS, "read:orders write:orders");
    let mut secrets = BTreeMap::new();
    for (id, kind, grants, allowed) in [
        (
            "web",
            ClientKind::Public,
            people.as_slice(),
            vec![orders, (ISSUER, &everything)],
        ),
        ("phone", ClientKind::Public, people.as_slice(), vec![orders]),
        (
            "svc",
            ClientKind::Confidential,
            service.as_slice(),
            vec![orders],
        ),
        (
            "watcher",
            ClientKind::Confidential,
            &[Grant::Feed],
            vec![orders],
        ),
        (
            "ops",
            ClientKind::Confidential,
            service.as_slice(),
            vec![(ISSUER, "users:read keys:read")],
        ),
    ] {
        let new = NewClient {
            id: Some(id.parse().unwrap()),
            name: id.to_owned(),
            kind,
            grants: grants.iter().copied().collect(),
            default_audience: Some(audience(allowed[0].0)),
            allowed: grants_of(&allowed),
            registration: Registration::default(),
        };
        let created = issuer.create_client(new, &Actor::Operator).await.unwrap();
        if let Some(secret) = created.secret {
            secrets.insert(id.to_owned(), secret.expose().to_owned());
        }
    }
    secrets
}

pub fn api(audience_name: &str, scopes: &[&str], algorithm: Algorithm) -> Api {
    Api {
        audience: audience(audience_name),
        name: audience_name.to_owned(),
        scopes: scopes
            .iter()
            .map(|s| (s.parse().unwrap(), (*s).to_owned()))
            .collect(),
        access_lifetime: Period::minutes(5),
        algorithm,
        claims: Default::default(),
        details: Default::default(),
        created_at: crate::FakeClock::START,
    }
}

/// The address of a seeded person, and of any other of that name.
pub fn email(name: &str) -> String {
    format!("{name}@people.example")
}

pub fn role(name: &str) -> RoleName {
    name.parse().unwrap()
}

pub fn audience(name: &str) -> Audience {
    name.parse().unwrap()
}

/// More failures than any test makes.
pub const UNLIMITED: Quota = Quota {
    burst: 1_000_000,
    interval: Period::millis(1),
};

fn issuer_scopes() -> String {
    let scopes: Vec<&str> = ISSUER_SCOPES.iter().map(|(scope, _)| *scope).collect();
    scopes.join(" ")
}

fn grants_of(grants: &[(&str, &str)]) -> BTreeMap<Audience, ScopeSet> {
    grants
        .iter()
        .map(|(name, scopes)| (audience(name), scopes.parse().unwrap()))
        .collect()
}
