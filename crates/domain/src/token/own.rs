//! Access tokens that come back to the issuer, by way of whoever was shown them.

use keywright_jwt::{ClaimIndex, Claims, Compact, Header, SigningKey, VerifyingKey};

use crate::client::ClientId;
use crate::keys::KeyRecord;
use crate::status::StatusRef;
use crate::token::mint::ACCESS_TOKEN_TYPE;
use crate::{Issuer, SessionId, Time, Unavailable};

/// The longest that is looked at: ours are a tenth of this.
const LONGEST: usize = 16 * 1024;

/// An access token of this issuer that has not expired. Whether it was killed is not said here.
pub(crate) struct OwnToken {
    pub client: ClientId,
    /// `None`: the client's own.
    pub session: Option<SessionId>,
    payload: String,
    index: ClaimIndex,
}

impl OwnToken {
    pub fn claims(&self) -> Claims<'_> {
        self.index.claims(&self.payload)
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
        let session = match claims.sid() {
            Some(sid) => Some(sid.parse().ok()?),
            None => None,
        };
        (is_ours && is_alive).then_some(OwnToken {
            client,
            session,
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

    /// Whether the token would still be minted: what it stands on is as it was, and it was neither killed nor overtaken by a change of
    /// roles. Asked of the store, so the answer is not a moment old as a status list is.
    pub(crate) async fn still_stands(&self, token: &OwnToken) -> Result<bool, Unavailable> {
        let store = &self.outside.store;
        let Some(session) = token.session else {
            let client = store.client(&token.client).await?;
            return Ok(
                client.is_some_and(|client| !client.disabled && client.status == token.entry())
            );
        };
        let standing = store.standing(session).await?;
        Ok(standing.is_some_and(|standing| {
            standing.holds(self.now())
                && !standing.stale
                && standing.session.status == token.entry()
        }))
    }
}
