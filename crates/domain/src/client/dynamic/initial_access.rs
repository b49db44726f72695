//! Initial access tokens (RFC 7591 §1.2): an operator hands one out, and its bearer may register so many clients with it.
//!
//! The token is `kwi_` + base64url( id · 32 random bytes ); the hash of the random bytes is kept.

use crate::audit::{Actor, Event, EventKind};
use crate::client::dynamic::RegisterClientError;
use crate::secret::{HashedSecret, PlainSecret};
use crate::{InitialAccessId, Issuer, Period, Time, Unavailable};

const PREFIX: &str = "kwi_";
const SECRET_BYTES: usize = 32;
const MOST_USES: u32 = 10_000;
const LONGEST: Period = Period::days(366);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccess {
    pub id: InitialAccessId,
    /// What the operator calls it.
    pub name: String,
    pub secret: HashedSecret,
    /// Clients that may still be registered with it.
    pub uses_left: u32,
    pub created_at: Time,
    pub expires_at: Time,
}

#[derive(Clone, Debug)]
pub struct NewInitialAccess {
    pub name: String,
    pub uses: u32,
    pub lifetime: Period,
}

#[derive(Debug, thiserror::Error)]
pub enum InitialAccessError {
    #[error("expected 1 to 10000 uses")]
    Uses,
    #[error("expected a lifetime of one second to 366 days")]
    Lifetime,
    #[error("no such initial access token")]
    Unknown,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Answers the token too, the one time that it is shown.
    pub async fn grant_initial_access(
        &self,
        new: NewInitialAccess,
        actor: &Actor,
    ) -> Result<(InitialAccess, PlainSecret), InitialAccessError> {
        if !(1..=MOST_USES).contains(&new.uses) {
            return Err(InitialAccessError::Uses);
        }
        if new.lifetime < Period::secs(1) || new.lifetime > LONGEST {
            return Err(InitialAccessError::Lifetime);
        }
        let now = self.now();
        let id = InitialAccessId::new(now, self.random());
        let (secret, token) = token(id, &self.random());
        let granted = InitialAccess {
            id,
            name: new.name,
            secret,
            uses_left: new.uses,
            created_at: now,
            expires_at: now + new.lifetime,
        };
        let event = Event::new(EventKind::InitialAccessGranted, actor.clone(), now).detail(id);
        let store = &self.outside.store;
        store.grant_initial_access(&granted, &event.into()).await?;
        Ok((granted, token))
    }

    /// Those that can still be used, oldest first.
    pub async fn initial_accesses(&self) -> Result<Vec<InitialAccess>, Unavailable> {
        self.outside.store.initial_accesses(self.now()).await
    }

    pub async fn revoke_initial_access(
        &self,
        id: InitialAccessId,
        actor: &Actor,
    ) -> Result<(), InitialAccessError> {
        let event = Event::new(EventKind::InitialAccessRevoked, actor.clone(), self.now());
        let effects = event.detail(id).into();
        if self
            .outside
            .store
            .revoke_initial_access(id, &effects)
            .await?
        {
            Ok(())
        } else {
            Err(InitialAccessError::Unknown)
        }
    }

    /// The initial access that a token stands for, if a client may still be registered with it.
    pub(super) async fn known_initial_access(
        &self,
        token: &PlainSecret,
        now: Time,
    ) -> Result<InitialAccessId, RegisterClientError> {
        let refused = RegisterClientError::Token;
        let Some((id, secret)) = taken_apart(token) else {
            return Err(refused);
        };
        let found = self.outside.store.initial_access(id, now).await?;
        match found.filter(|access| access.secret.matches(&secret)) {
            Some(access) => Ok(access.id),
            None => Err(refused),
        }
    }
}

fn token(id: InitialAccessId, random: &[u8; SECRET_BYTES]) -> (HashedSecret, PlainSecret) {
    let encode = |bytes: &[u8]| base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
    let whole = [id.as_bytes().as_slice(), random].concat();
    let secret = HashedSecret::of(&PlainSecret::new(encode(random)));
    (
        secret,
        PlainSecret::new(format!("{PREFIX}{}", encode(&whole))),
    )
}

fn taken_apart(token: &PlainSecret) -> Option<(InitialAccessId, PlainSecret)> {
    let text = token.expose().strip_prefix(PREFIX)?;
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok()?;
    let (id, secret) = bytes.split_first_chunk::<16>()?;
    let secret = base64_simd::URL_SAFE_NO_PAD.encode_to_string(secret);
    Some((InitialAccessId::from_bytes(*id), PlainSecret::new(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_apart_into_what_it_was_made_of() {
        let id = InitialAccessId::from_bytes([7; 16]);
        let (hashed, whole) = token(id, &[9; SECRET_BYTES]);
        let (found, secret) = taken_apart(&whole).unwrap();
        assert_eq!(found, id);
        assert!(hashed.matches(&secret));
        let (_, other) = token(id, &[8; SECRET_BYTES]);
        let (_, wrong) = taken_apart(&other).unwrap();
        assert!(!hashed.matches(&wrong));
        for broken in ["", "kwi_", "kwi_AAAA", &whole.expose()[4..], "kwi_=="] {
            assert!(taken_apart(&PlainSecret::new(broken)).is_none(), "{broken}");
        }
    }
}
