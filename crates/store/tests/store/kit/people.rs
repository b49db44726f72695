//! Users, clients, sessions and what they present. Every value is made from a number, so that a failure repeats.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use keywright_domain::access::{AuthorizationDetails, ScopeSet};
use keywright_domain::account::password::PasswordHash;
use keywright_domain::account::{Link, LinkId, LinkPurpose, RegisterOutcomes, User, UserStatus};
use keywright_domain::audit::{Actor, Effects, Event, EventKind, Origin};
use keywright_domain::client::{Client, ClientId, ClientKind, Grant, KeptSecret, Registration};
use keywright_domain::keys::MacKey;
use keywright_domain::ledger::{Entry, GrantType, Jti, TokenClass, TokenKind};
use keywright_domain::login::Login;
use keywright_domain::openid::ClaimsRequest;
use keywright_domain::ports::{Clients, Inserted, Nowhere, Registered, Sessions, Users};
use keywright_domain::secret::HashedSecret;
use keywright_domain::session::rotation::{Presented, PresentedBy, RefreshRules};
use keywright_domain::session::{AnomalyRules, Family, RefreshToken, Session, Standing};
use keywright_domain::status::StatusRef;
use keywright_domain::{LoginId, Period, SessionId, Time, UserId};
use keywright_store::Store;

/// When tests take place.
pub const NOW: Time = Time::from_secs(1_800_000_000);

pub const RULES: RefreshRules = RefreshRules {
    grace: Period::secs(10),
    idle: Period::days(30),
    anomaly: AnomalyRules::OFF,
};
pub const STRICT: RefreshRules = RefreshRules {
    grace: Period::ZERO,
    idle: Period::days(30),
    anomaly: AnomalyRules::OFF,
};

pub fn random(n: u32) -> [u8; 10] {
    let mut bytes = [0x5a; 10];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    bytes
}

/// A hash that is well-formed and different for each `n`; nothing here ever computes one.
pub fn password(n: u32) -> PasswordHash {
    let (salt, hash) = (format!("{n:021}A"), "A".repeat(43));
    format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}")
        .parse()
        .unwrap()
}

pub fn user(n: u32) -> User {
    User {
        id: UserId::new(NOW, random(n)),
        username: Some(format!("user{n}").parse().unwrap()),
        email: format!("user{n}@example.com").parse().unwrap(),
        email_verified: false,
        password: Some(password(n)),
        status: UserStatus::Active,
        roles: vec!["editor".parse().unwrap(), "viewer".parse().unwrap()],
        epoch: 3,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub fn client_id(n: u32) -> ClientId {
    format!("client-{n}").parse().unwrap()
}

pub fn client(n: u32) -> Client {
    let scopes: ScopeSet = "read:orders write:orders".parse().unwrap();
    Client {
        id: client_id(n),
        name: format!("Client {n}"),
        kind: ClientKind::Confidential,
        secret: Some(KeptSecret::Hashed(HashedSecret::from_bytes([9; 32]))),
        grants: BTreeSet::from([Grant::Login, Grant::RefreshToken, Grant::ClientCredentials]),
        allowed: BTreeMap::from([("orders".parse().unwrap(), scopes)]),
        default_audience: Some("orders".parse().unwrap()),
        registration: Registration {
            redirect_uris: vec!["https://app.example/cb".parse().unwrap()],
            ..Registration::default()
        },
        disabled: false,
        created_at: NOW,
        status: Some(place(900_000 + n)),
    }
}

/// As they come out of a request.
pub fn details() -> AuthorizationDetails {
    let text =
        r#"[{"type":"payment","amount":{"currency":"EUR","value":"12.50"},"to":"Zo\u00eb \"Z\""}]"#;
    serde_json::from_str(text).unwrap()
}

pub fn session(n: u32, user: &User) -> Session {
    Session {
        id: SessionId::new(NOW, random(n)),
        user: user.id,
        client: client_id(1),
        audience: "orders".parse().unwrap(),
        scope: "read:orders".parse().unwrap(),
        openid: "openid profile".parse().unwrap(),
        claims: ClaimsRequest::parse(r#"{"userinfo":{"email":null}}"#).unwrap(),
        details: details(),
        login: None,
        family: Family {
            salt: [3; 16],
            current: 1,
            superseded: vec![],
            idle_until: NOW + Period::days(30),
            absolute_until: NOW + Period::days(90),
        },
        binding: None,
        created_at: NOW,
        authenticated_at: NOW - Period::minutes(3),
        last_used_at: NOW,
        ended: None,
        device: Some("Firefox on Linux".to_owned()),
        address: Some([192, 0, 2, 1].into()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        status: Some(place(n)),
    }
}

pub fn login(n: u32, user: &User) -> Login {
    Login {
        id: LoginId::new(NOW, random(n)),
        user: user.id,
        secret: HashedSecret::from_bytes([n as u8; 32]),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        authenticated_at: NOW - Period::secs(3),
        idle_until: NOW + Period::days(7),
        expires_at: NOW + Period::days(30),
        ended: None,
        device: Some("Firefox on Linux".to_owned()),
        address: Some([192, 0, 2, 1].into()),
        created_at: NOW,
    }
}

/// What nobody has yet.
pub const SPARE: StatusRef = place(1_000_000);

/// An entry of the first list, another for each `index`.
pub const fn place(index: u32) -> StatusRef {
    StatusRef { list: 1, index }
}

/// The refresh token of `sequence`, as the session's client presents it.
pub fn presented(session: &Session, sequence: u32) -> Presented {
    let key = Arc::new(MacKey::new(1, &[5; 32]));
    Presented {
        token: RefreshToken::derive(session.id, sequence, &session.family.salt, &key),
        key,
        by: PresentedBy::Client(session.client.clone()),
        binding: None,
        audience: None,
        scope: None,
        details: None,
        origin: Origin {
            address: Some([198, 51, 100, 7].into()),
            user_agent: None,
        },
        places: Arc::new(Nowhere),
        spare: SPARE,
    }
}

pub fn link(n: u32, user: &User, purpose: LinkPurpose) -> Link {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    Link {
        id: LinkId(id),
        purpose,
        user: user.id,
        created_at: NOW,
        expires_at: NOW + Period::hours(1),
    }
}

pub fn effects(kind: EventKind) -> Effects {
    Event::new(kind, Actor::Operator, NOW).into()
}

pub fn none() -> Effects {
    Effects::default()
}

pub fn outcomes() -> RegisterOutcomes {
    RegisterOutcomes {
        created: effects(EventKind::AccountRegistered),
        email_taken: effects(EventKind::AccountRegistrationRepeated),
        username_taken: effects(EventKind::AccountRegistrationRepeated),
    }
}

/// The record of token `n`, issued at `at`.
pub fn entry(n: u32, at: Time, class: TokenClass, session: Option<SessionId>) -> Entry {
    Entry::new(
        Jti::new(at, random(n)),
        class,
        session,
        &MacKey::new(1, &[6; 32]),
    )
}

/// What client 1's own tokens have in common.
pub fn class() -> TokenClass {
    TokenClass {
        client: client_id(1),
        audience: "orders".parse().unwrap(),
        scope: "read:orders".parse().unwrap(),
        kid: "key-1".to_owned(),
        grant: GrantType::ClientCredentials,
        kind: TokenKind::AccessToken,
        lifetime: Period::minutes(5),
    }
}

/// The records of what a refresh mints, each time others.
pub fn minted(read: &Standing) -> Vec<Entry> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let class = TokenClass {
        client: read.client.id.clone(),
        grant: GrantType::RefreshToken,
        ..class()
    };
    // Different in each process, since some tests start several.
    let next = NEXT
        .fetch_add(1, Ordering::Relaxed)
        .wrapping_add(std::process::id() << 12);
    vec![entry(next, NOW, class, Some(read.session.id))]
}

/// Stores user `n`.
pub async fn a_user(store: &Store, n: u32) -> User {
    let user = user(n);
    assert_eq!(
        store.register(&user, &outcomes()).await,
        Ok(Registered::Created)
    );
    user
}

/// Stores client 1 unless it is there.
pub async fn a_client(store: &Store) -> Client {
    let client = client(1);
    let inserted = store.insert_client(&client, &none()).await;
    assert!(matches!(inserted, Ok(Inserted::Yes | Inserted::Taken)));
    client
}

/// Stores a user, the client and a session, all numbered `n` but the client.
pub async fn a_session(store: &Store, n: u32) -> (User, Session) {
    a_client(store).await;
    let user = a_user(store, n).await;
    let session = session(n, &user);
    assert_eq!(store.open(&session, user.epoch, &none()).await, Ok(true));
    (user, session)
}

/// The session as it stands now.
pub async fn stored(store: &Store, session: &Session) -> Session {
    store
        .standing(session.id)
        .await
        .unwrap()
        .expect("the session stands")
        .session
}
