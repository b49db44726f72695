//! A session with its user and client, as the store would have read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use keywright_domain::access::ScopeSet;
use keywright_domain::account::{User, UserStatus};
use keywright_domain::audit::Origin;
use keywright_domain::client::{Client, ClientKind, Grant, Registration};
use keywright_domain::keys::MacKey;
use keywright_domain::ports::Nowhere;
use keywright_domain::session::rotation::{Presented, PresentedBy};
use keywright_domain::session::{Family, RefreshToken, Session, Standing};
use keywright_domain::status::StatusRef;
use keywright_domain::{Period, SessionId, Time, UserId};

const SALT: [u8; 16] = [7; 16];

/// When everything here begins.
pub const START: Time = Time::from_secs(1_800_000_000);

/// A session that was opened at [`START`] and whose token number 1 is current.
pub fn opened(idle: Period) -> Result<Standing> {
    let client = Client {
        status: None,
        id: "web".parse()?,
        name: "Web".to_owned(),
        kind: ClientKind::Public,
        secret: None,
        grants: [Grant::Login, Grant::RefreshToken].into(),
        allowed: BTreeMap::new(),
        default_audience: None,
        registration: Registration::default(),
        disabled: false,
        created_at: START,
    };
    let user = User {
        id: UserId::new(START, [2; 10]),
        username: None,
        email: "ann@example.org".parse()?,
        email_verified: true,
        password: None,
        status: UserStatus::Active,
        roles: Vec::new(),
        epoch: 0,
        created_at: START,
        updated_at: START,
    };
    let session = Session {
        status: None,
        id: SessionId::new(START, [1; 10]),
        user: user.id,
        client: client.id.clone(),
        audience: "orders".parse()?,
        scope: "read:orders".parse()?,
        openid: ScopeSet::default(),
        claims: Default::default(),
        details: Default::default(),
        login: None,
        family: Family {
            salt: SALT,
            current: 1,
            superseded: Vec::new(),
            idle_until: START + idle,
            absolute_until: START + Period::days(90),
        },
        binding: None,
        created_at: START,
        authenticated_at: START,
        last_used_at: START,
        ended: None,
        device: None,
        address: None,
        amr: vec!["pwd".to_owned()],
    };
    Ok(Standing {
        stale: false,
        session,
        user,
        client,
    })
}

/// The server key that derives the tokens.
pub fn server_key() -> Arc<MacKey> {
    Arc::new(MacKey::new(1, &[9; 32]))
}

/// The token of a sequence, as a client sends it.
pub fn presented(session: SessionId, sequence: u32, key: &Arc<MacKey>) -> Presented {
    Presented {
        places: Arc::new(Nowhere),
        spare: StatusRef { list: 1, index: 0 },
        token: RefreshToken::derive(session, sequence, &SALT, key),
        key: key.clone(),
        by: PresentedBy::FirstParty,
        binding: None,
        audience: None,
        scope: None,
        details: None,
        origin: Origin::default(),
    }
}
