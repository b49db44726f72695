//! Users and sessions to measure with, made from numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use keywright_domain::account::{User, UserStatus};
use keywright_domain::audit::{Actor, Effects, Event, EventKind, Origin};
use keywright_domain::client::{Client, ClientKind, Grant};
use keywright_domain::keys::MacKey;
use keywright_domain::ledger::{Entry, GrantType, Jti, TokenClass, TokenKind};
use keywright_domain::ports::Nowhere;
use keywright_domain::session::rotation::{Presented, PresentedBy};
use keywright_domain::session::{Family, RefreshToken, Session, Standing};
use keywright_domain::status::{ENTRIES, StatusRef};
use keywright_domain::{Period, SessionId, Time, UserId};

pub const NOW: Time = Time::from_secs(1_800_000_000);

fn random(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    // Spread, so that neighbours in number are not neighbours in the tree.
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

pub fn client() -> Result<Client> {
    Ok(Client {
        id: "web".parse()?,
        name: "Web".to_owned(),
        kind: ClientKind::Public,
        secret: None,
        grants: BTreeSet::from([Grant::Login, Grant::RefreshToken]),
        allowed: BTreeMap::from([("orders".parse()?, "read:orders write:orders".parse()?)]),
        default_audience: Some("orders".parse()?),
        registration: Default::default(),
        disabled: false,
        created_at: NOW,
        status: None,
    })
}

pub fn user(n: u64) -> Result<User> {
    let (salt, hash) = (format!("{n:021}A"), "A".repeat(43));
    Ok(User {
        id: UserId::new(NOW, random(n)),
        username: Some(format!("user{n}").parse()?),
        email: format!("user{n}@example.com").parse()?,
        email_verified: true,
        password: Some(format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}").parse()?),
        status: UserStatus::Active,
        roles: vec!["editor".parse()?, "viewer".parse()?],
        epoch: 0,
        created_at: NOW,
        updated_at: NOW,
    })
}

pub fn session(n: u64, user: &User) -> Result<Session> {
    Ok(Session {
        id: SessionId::new(NOW, random(n)),
        user: user.id,
        client: "web".parse()?,
        audience: "orders".parse()?,
        scope: "read:orders write:orders".parse()?,
        openid: Default::default(),
        claims: Default::default(),
        details: Default::default(),
        login: None,
        family: Family {
            salt: [3; 16],
            current: 1,
            superseded: vec![],
            idle_until: NOW + Period::days(30),
            absolute_until: NOW + Period::days(9_000),
        },
        binding: None,
        created_at: NOW,
        authenticated_at: NOW,
        last_used_at: NOW,
        ended: None,
        device: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0".to_owned()),
        address: Some([192, 0, 2, 1].into()),
        amr: vec!["pwd".to_owned()],
        status: Some(place(n)),
    })
}

/// For sessions that need no other entry, as all do here.
const SPARE: StatusRef = StatusRef { list: 1, index: 0 };

/// Of a list that is used up in order; the store does not care.
fn place(n: u64) -> StatusRef {
    let fit = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let entries = u64::from(ENTRIES);
    StatusRef {
        list: fit(n / entries + 1),
        index: fit(n % entries),
    }
}

/// The session's token of `sequence`, presented.
pub fn presented(session: &Session, sequence: u32, key: &Arc<MacKey>) -> Presented {
    Presented {
        token: RefreshToken::derive(session.id, sequence, &session.family.salt, key),
        key: Arc::clone(key),
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

/// The records of what a refresh mints, each time others.
pub fn minted(read: &Standing) -> Vec<Entry> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let class = TokenClass {
        client: read.client.id.clone(),
        audience: read.session.audience.clone(),
        scope: read.session.scope.clone(),
        kid: "measured".to_owned(),
        grant: GrantType::RefreshToken,
        kind: TokenKind::AccessToken,
        lifetime: Period::minutes(5),
    };
    let jti = Jti::new(NOW, random(NEXT.fetch_add(1, Ordering::Relaxed)));
    let key = MacKey::new(1, &[6; 32]);
    vec![Entry::new(jti, class, Some(read.session.id), &key)]
}

pub fn logged_in(session: &Session) -> Effects {
    Event::new(EventKind::LoginSucceeded, Actor::User(session.user), NOW)
        .user(session.user)
        .session(session.id)
        .client(&session.client)
        .into()
}
