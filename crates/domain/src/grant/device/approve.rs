//! The person at the other screen: what the device asks for, and whether it may have it (RFC 8628 §3.3).

use crate::access::{Catalog, ReadableDetail};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::authorize::openid_scope_says;
use crate::grant::device::{Approval, DeviceCode, DeviceState, UserCode};
use crate::limit::Limited;
use crate::login::Login;
use crate::{Issuer, Unavailable};

#[derive(Clone, Debug)]
pub struct DeviceAsks {
    pub client_name: String,
    /// Whose account it would use.
    pub account: String,
    /// What it wants, each with the words that people read about it.
    pub scopes: Vec<(String, String)>,
    pub details: Vec<ReadableDetail>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceDecision {
    Allow,
    Deny,
}

#[derive(Debug, thiserror::Error)]
pub enum DecideDeviceError {
    /// Unknown, expired, or decided already.
    #[error("no device waits under this code")]
    Unknown,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// What the device asks for that shows `code`. A code that nobody shows is a guess, and counts as a failure.
    pub async fn device_request(
        &self,
        code: &UserCode,
        login: &Login,
        origin: &Origin,
    ) -> Result<DeviceAsks, DecideDeviceError> {
        let waiting = self.waiting_device(code, origin).await?;
        let client = self.outside.store.client(&waiting.client).await?;
        let client = client.filter(|client| !client.disabled);
        let user = self.outside.store.by_id(login.user).await?;
        let catalog = self.catalog();
        let api = catalog.apis.get(&waiting.audience);
        match (client, user) {
            (Some(client), Some(user)) => Ok(DeviceAsks {
                client_name: client.name,
                account: user.shown_name().to_owned(),
                scopes: scopes_in_words(&catalog, &waiting),
                details: api.map_or_else(Vec::new, |api| waiting.details.readable(api)),
            }),
            (None, _) | (_, None) => Err(DecideDeviceError::Unknown),
        }
    }

    pub async fn decide_device(
        &self,
        code: &UserCode,
        login: &Login,
        decision: DeviceDecision,
        origin: &Origin,
    ) -> Result<(), DecideDeviceError> {
        let waiting = self.waiting_device(code, origin).await?;
        let (kind, state) = match decision {
            DeviceDecision::Deny => (EventKind::DeviceDenied, DeviceState::Denied),
            DeviceDecision::Allow => {
                let user = self.outside.store.by_id(login.user).await?;
                let user = user.ok_or(DecideDeviceError::Unknown)?;
                let approval = Approval {
                    user: user.id,
                    epoch: user.epoch,
                    login: login.id,
                    authenticated_at: login.authenticated_at,
                    amr: login.amr.clone(),
                };
                (EventKind::DeviceAllowed, DeviceState::Allowed(approval))
            }
        };
        let now = self.now();
        let event = Event::new(kind, Actor::User(login.user), now)
            .user(login.user)
            .client(&waiting.client)
            .from(origin);
        let store = &self.outside.store;
        if store
            .decide_device(waiting.id, &state, now, &event.into())
            .await?
        {
            Ok(())
        } else {
            Err(DecideDeviceError::Unknown)
        }
    }

    async fn waiting_device(
        &self,
        code: &UserCode,
        origin: &Origin,
    ) -> Result<DeviceCode, DecideDeviceError> {
        let now = self.now();
        let (failures, quota) = self.failures_from(origin);
        self.limits.check(failures, quota, now)?;
        let id = code.id(&self.secrets.link);
        let found = self.outside.store.waiting_device(id, now).await?;
        if found.is_none() {
            self.limits.charge(failures, quota, now);
        }
        found.ok_or(DecideDeviceError::Unknown)
    }
}

fn scopes_in_words(catalog: &Catalog, asked: &DeviceCode) -> Vec<(String, String)> {
    let openid = asked.openid.iter().map(|scope| {
        let says = openid_scope_says(scope).unwrap_or(scope);
        (scope.to_owned(), says.to_owned())
    });
    let api = catalog.apis.get(&asked.audience);
    let of_api = asked.scope.iter().map(|scope| {
        let known = api.and_then(|api| api.scopes.get(&scope.parse().ok()?));
        let says = known.map_or(scope, String::as_str);
        (scope.to_owned(), says.to_owned())
    });
    openid.chain(of_api).collect()
}
