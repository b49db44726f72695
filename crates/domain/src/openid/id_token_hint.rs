//! An ID token that comes back, as a hint about who is meant (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).

use keywright_jwt::{ClaimIndex, Claims, Compact, Header, VerifyingKey};

use crate::client::ClientId;
use crate::keys::{KeyRecord, KeyState};
use crate::token::ID_TOKEN_TYPE;
use crate::{Issuer, SessionId};

/// The longest that is looked at.
const LONGEST: usize = 16 * 1024;

/// What an ID token of ours says. It may have expired long ago: it proves who was meant, and lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdTokenHint {
    /// Whom it was made for.
    pub client: ClientId,
    /// The person, by the name that this client knows.
    pub subject: String,
    pub session: SessionId,
}

impl Issuer {
    /// `None` for anything else than an ID token that this issuer has signed. The key may have been retired since, for a client keeps its
    /// token as long as its session; it must not have been revoked.
    pub fn read_id_token_hint(&self, hint: &str) -> Option<IdTokenHint> {
        if hint.len() > LONGEST {
            return None;
        }
        let compact = Compact::split(hint).ok()?;
        let json = compact.decode_header().ok()?;
        let header = Header::parse(&json).ok()?;
        // An access token or a logout token is no ID token.
        if header.typ.as_deref() != Some(ID_TOKEN_TYPE) {
            return None;
        }
        let held = self.held();
        let named = |key: &&KeyRecord| Some(key.kid.as_str()) == header.kid.as_deref();
        let key = held.keys.iter().find(named)?;
        if !has_signed(key.state) || key.ring.algorithm != header.algorithm {
            return None;
        }
        let verifying = VerifyingKey::from_jwk(key.public.as_ref()?, header.algorithm).ok()?;
        let signature = compact.decode_signature().ok()?;
        verifying
            .verify(compact.signing_input(), signature.as_bytes())
            .ok()?;
        let mut payload = Vec::new();
        compact.decode_payload(&mut payload).ok()?;
        let mut payload = String::from_utf8(payload).ok()?;
        let index = ClaimIndex::read(&mut payload).ok()?;
        self.hinted(&index.claims(&payload))
    }

    fn hinted(&self, claims: &Claims<'_>) -> Option<IdTokenHint> {
        if claims.iss() != Some(self.policy().issuer.as_str()) {
            return None;
        }
        let mut audience = claims.aud();
        let (Some(client), None) = (audience.next(), audience.next()) else {
            return None;
        };
        Some(IdTokenHint {
            client: client.parse().ok()?,
            subject: claims.sub()?.to_owned(),
            session: claims.sid()?.parse().ok()?,
        })
    }
}

const fn has_signed(state: KeyState) -> bool {
    match state {
        KeyState::Active | KeyState::Retiring | KeyState::Retired => true,
        // After a rollback the key in waiting has signed as well.
        KeyState::Published => true,
        KeyState::Next | KeyState::Revoked => false,
    }
}
