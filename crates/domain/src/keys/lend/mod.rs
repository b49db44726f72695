//! Lending the issuer's signature to an operator who drills a service: tokens that are wrong in what they say must be right in
//! their signature, or their refusal would prove nothing.
//!
//! The key itself is never handed over. What is lent signs, for one API and a quarter of an hour, a living token of that API with one
//! thing wrong ([`table`]), under a `jti` that says what it is; so nothing comes of it that anybody else would take.

mod members;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access::{Api, Audience};
use crate::audit::{Actor, Effects, Event, EventKind};
use crate::client::ClientId;
use crate::keys::KeyError;
use crate::ledger::Jti;
use crate::ports::{SignError, Signer};
use crate::{Issuer, Period, Time, Unavailable};
use members::Members;
use table::Table;

/// A drill of an API takes a minute or two.
const LOAN: Period = Period::minutes(15);
/// What the `jti` of such a token begins with; those of others are base64url of 16 bytes.
const MARK: &str = "drill-";

/// What signs for a drill of one API.
pub struct DrillSigner {
    issuer: Arc<Issuer>,
    signer: Arc<dyn Signer>,
    audience: Audience,
    table: Table,
    until: Time,
}

#[derive(Debug, thiserror::Error)]
pub enum LendError {
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A token of another kind for that API would be one for the client.
    #[error("a client has the same name as this API")]
    NamesClient,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a drill gets no signature.
#[derive(Debug, thiserror::Error)]
pub enum NotLent {
    #[error("the key was lent for a quarter of an hour, which is over")]
    Over,
    #[error("what it departs from is no living token of this issuer for `{0}`")]
    NoGoodToken(Audience),
    #[error("it is not the good token with one thing wrong that a drill may try")]
    NotInTable,
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Issuer {
    /// The key that signs for `audience` now, as far as a drill needs it. Each loan is on record.
    pub async fn lend_signer(
        self: &Arc<Self>,
        audience: &Audience,
        actor: &Actor,
    ) -> Result<DrillSigner, LendError> {
        self.refresh_held().await.map_err(KeyError::from)?;
        let held = self.held();
        let api = held.catalog.apis.get(audience).ok_or(KeyError::NoRing)?;
        let signer = held.ring.signer(api, &self.policy().keys.public_ring());
        let signer = signer.map_err(|_| KeyError::NoRing)?.clone();
        if self.names_client(audience.as_str()).await? {
            return Err(LendError::NamesClient);
        }
        let table = Table {
            nobody: self.nobody_near(audience).await?,
            issuer: self.policy().issuer.as_str().to_owned(),
            scopes: scopes(api),
        };
        let event = Event::new(EventKind::KeyLent, actor.clone(), self.now()).detail(signer.kid());
        let effects = Effects {
            events: vec![event],
            ..Effects::default()
        };
        self.outside.store.record(&effects).await?;
        Ok(DrillSigner {
            issuer: self.clone(),
            signer,
            audience: audience.clone(),
            table,
            until: self.now() + LOAN,
        })
    }

    /// What a drill may write as `aud`: what names neither an API nor a client here.
    async fn nobody_near(&self, audience: &Audience) -> Result<BTreeSet<String>, Unavailable> {
        let apis = self.catalog();
        let mut nobody = table::audiences_near(audience.as_str());
        nobody.retain(|text| !apis.apis.keys().any(|known| known.as_str() == text));
        for text in nobody.clone() {
            if self.names_client(&text).await? {
                nobody.remove(&text);
            }
        }
        Ok(nobody)
    }

    async fn names_client(&self, text: &str) -> Result<bool, Unavailable> {
        match text.parse::<ClientId>() {
            Ok(id) => Ok(self.outside.store.client(&id).await?.is_some()),
            Err(_) => Ok(false),
        }
    }
}

impl DrillSigner {
    /// `claims`, which may name one twice, if that is `good` with one thing wrong. What is signed is written anew from what was
    /// judged, so that no two readings of one text can get past the table.
    pub fn sign(&self, good: &str, typ: &str, claims: &[u8]) -> Result<String, NotLent> {
        let now = self.issuer.now();
        if now >= self.until {
            return Err(NotLent::Over);
        }
        let token = self.issuer.own_access_token(good);
        let token = token.filter(|token| token.audience().as_ref() == Some(&self.audience));
        let token = token.ok_or_else(|| NotLent::NoGoodToken(self.audience.clone()))?;
        let good = token.claims().deserialize().unwrap_or_default();
        let said: Members = serde_json::from_slice(claims).map_err(|_| NotLent::NotInTable)?;
        if !self.table.permits(&good, typ, &said, now.secs()) {
            return Err(NotLent::NotInTable);
        }
        let jti = format!("{MARK}{}", Jti::new(now, self.issuer.random()));
        let marked = said.with("jti", jti.into());
        Ok(self.signer.sign(typ, marked.to_json().as_bytes())?)
    }
}

fn scopes(api: &Api) -> BTreeSet<String> {
    api.scopes
        .keys()
        .map(|scope| scope.as_str().to_owned())
        .collect()
}
