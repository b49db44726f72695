//! Access tokens that come back to the issuer, by way of whoever was shown them.

use keywright_jwt::{ClaimIndex, Claims, Compact, Header, SigningKey, VerifyingKey};
use serde::Deserialize;

use crate::access::{Audience, AuthorizationDetails, ScopeSet};
use crate::client::{Client, ClientId};
use crate::keys::KeyRecord;
use crate::session::Standing;
use crate::status::StatusRef;
use crate::token::Grantee;
use crate::token::mint::ACCESS_TOKEN_TYPE;
use crate::{Issuer, SessionId, Time, Unavailable};

/// The longest that is looked at: ours are a tenth of this.
const LONGEST: usize = 16 * 1024;

/// An access token of this issuer that has not expired. Whether it was killed is not said here.
pub(crate) struct OwnToken {
    pub client: ClientId,
    /// `None`: a service's own.
    pub session: Option<SessionId>,
    /// Whom it speaks of: of a service's own token, the service, which is the client unless it was exchanged.
    sub: String,
    payload: String,
    index: ClaimIndex,
}

/// What a living token stands on.
pub(crate) enum Stands {
    Session(Box<Standing>),
    Service(Box<Client>),
}

#[derive(Default, Deserialize)]
struct Acting {
    act: Option<Actor>,
}

#[derive(Deserialize)]
struct Actor {
    sub: String,
    act: Option<Box<Actor>>,
}

impl OwnToken {
    pub fn claims(&self) -> Claims<'_> {
        self.index.claims(&self.payload)
    }

    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// Tokens of ours are for one API.
    pub fn audience(&self) -> Option<Audience> {
        self.claims().aud().next()?.parse().ok()
    }

    pub fn scope(&self) -> ScopeSet {
        let scope = self.claims().scope().map(str::parse);
        scope.and_then(Result::ok).unwrap_or_default()
    }

    pub fn expires_at(&self) -> Time {
        Time::from_secs(self.claims().exp().unwrap_or_default())
    }

    /// Whoever acts for the subject, the last one first (RFC 8693 §4.1).
    pub fn actors(&self) -> Vec<String> {
        let claims: Acting = self.claims().deserialize().unwrap_or_default();
        let mut actors = Vec::new();
        let mut next = claims.act;
        while let Some(actor) = next {
            actors.push(actor.sub);
            next = actor.act.map(|inner| *inner);
        }
        actors
    }

    fn entry(&self) -> Option<StatusRef> {
        let claims = self.claims();
        let list = claims.status_uri()?.rsplit_once('/')?.1;
        Some(StatusRef {
            list: list.parse().ok()?,
            index: claims.status_idx()?.try_into().ok()?,
        })
    }
}

impl Issuer {
    /// `None` for anything else than a token that one of the keys which are served has signed, or that an API's own symmetric key has.
    pub(crate) fn own_access_token(&self, text: &str) -> Option<OwnToken> {
        if text.len() > LONGEST {
            return None;
        }
        let compact = Compact::split(text).ok()?;
        let json = compact.decode_header().ok()?;
        let header = Header::parse(&json).ok()?;
        if header.typ.as_deref() != Some(ACCESS_TOKEN_TYPE) {
            return None;
        }
        let held = self.held();
        let mut keys = held.keys.iter().filter(|key| key.state.is_served());
        let record = keys.find(|key| Some(key.kid.as_str()) == header.kid.as_deref())?;
        let key = self.verifying_key(record)?;
        let signature = compact.decode_signature().ok()?;
        if record.ring.algorithm != header.algorithm {
            return None;
        }
        key.verify(compact.signing_input(), signature.as_bytes())
            .ok()?;
        let mut bytes = Vec::new();
        compact.decode_payload(&mut bytes).ok()?;
        let mut payload = String::from_utf8(bytes).ok()?;
        let index = ClaimIndex::read(&mut payload).ok()?;
        self.living(payload, index)
    }

    fn living(&self, payload: String, index: ClaimIndex) -> Option<OwnToken> {
        let claims = index.claims(&payload);
        let is_ours = claims.iss() == Some(self.policy().issuer.as_str());
        let is_alive = claims
            .exp()
            .is_some_and(|exp| self.now() < Time::from_secs(exp));
        let client = claims.client_id()?.parse().ok()?;
        let sub = claims.sub()?.to_owned();
        let session = match claims.sid() {
            Some(sid) => Some(sid.parse().ok()?),
            None => None,
        };
        (is_ours && is_alive).then_some(OwnToken {
            client,
            session,
            sub,
            payload,
            index,
        })
    }

    fn verifying_key(&self, record: &KeyRecord) -> Option<VerifyingKey> {
        let algorithm = record.ring.algorithm;
        match &record.public {
            Some(jwk) => VerifyingKey::from_jwk(jwk, algorithm).ok(),
            None => {
                let secret = self.outside.custody.reveal(record).ok()?;
                let key = SigningKey::from_private(algorithm, &secret).ok()?;
                Some(key.verifying_key())
            }
        }
    }

    /// What the token stands on, if it would still be minted: that is as it was, and the token was neither killed nor overtaken by a change
    /// of roles. Asked of the store, so the answer is not a moment old as a status list is.
    pub(crate) async fn stands_on(&self, token: &OwnToken) -> Result<Option<Stands>, Unavailable> {
        let store = &self.outside.store;
        let Some(session) = token.session else {
            let Ok(service) = token.sub.parse() else {
                return Ok(None);
            };
            let client = store.client(&service).await?;
            let stands = |client: &Client| !client.disabled && client.status == token.entry();
            return Ok(client
                .filter(stands)
                .map(|client| Stands::Service(Box::new(client))));
        };
        let standing = store.standing(session).await?;
        let stands = |standing: &Standing| {
            standing.holds(self.now())
                && !standing.stale
                && standing.session.status == token.entry()
        };
        Ok(standing
            .filter(stands)
            .map(|standing| Stands::Session(Box::new(standing))))
    }
}

impl Stands {
    pub fn grantee(&self) -> Grantee<'_> {
        match self {
            Stands::Session(standing) => Grantee::Session {
                session: &standing.session,
                user: &standing.user,
                client: &standing.client,
            },
            Stands::Service(client) => Grantee::Client {
                client,
                details: AuthorizationDetails::NONE,
            },
        }
    }
}
