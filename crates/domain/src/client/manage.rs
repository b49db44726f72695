//! Registering and changing clients.

use std::collections::{BTreeMap, BTreeSet};

use keywright_jwt::Algorithm;

use crate::access::{Audience, ScopeSet};
use crate::audit::{Actor, Event, EventKind};
use crate::client::check_openid::check_openid;
use crate::client::fapi;
use crate::client::{
    AuthMethod, Client, ClientId, ClientKind, FlowRefused, Grant, OpenIdRefused, Registration,
    RegistrationRefused,
};
use crate::keys::TickError;
use crate::ports::{CustodyError, Inserted, Page};
use crate::secret::PlainSecret;
use crate::status::Concern;
use crate::{Issuer, Unavailable, UserId};

#[derive(Clone, Debug)]
pub struct NewClient {
    /// `None`: drawn at random.
    pub id: Option<ClientId>,
    pub name: String,
    pub kind: ClientKind,
    pub grants: BTreeSet<Grant>,
    pub allowed: BTreeMap<Audience, ScopeSet>,
    pub default_audience: Option<Audience>,
    pub registration: Registration,
}

/// What to change; `None` leaves a member as it is.
#[derive(Clone, Debug, Default)]
pub struct ChangeClient {
    pub name: Option<String>,
    pub grants: Option<BTreeSet<Grant>>,
    pub allowed: Option<BTreeMap<Audience, ScopeSet>>,
    /// `Some(None)` takes it away.
    pub default_audience: Option<Option<Audience>>,
    pub registration: Option<Registration>,
    /// Disabling ends the client's sessions.
    pub disabled: Option<bool>,
}

#[derive(Clone, Debug)]
pub struct CreatedClient {
    pub client: Client,
    /// The one time that it is shown. `None` for clients that have none.
    pub secret: Option<PlainSecret>,
}

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no such client")]
    Unknown,
    #[error("the client id is taken")]
    Taken,
    /// The `sub` of a service token is its client id: it must not pass for a user's (RFC 9700 §4.15).
    #[error("a client id may not look like a user id")]
    LooksLikeUser,
    #[error("a client id that is an address belongs to whoever publishes a document there")]
    Address,
    #[error("there is no API `{0}`")]
    UnknownApi(Audience),
    #[error("the API `{0}` has no scope `{1}`")]
    UnknownScope(Audience, String),
    #[error("the API `{0}` has its tokens signed by {1}, and fapi demands PS256, ES256 or EdDSA")]
    FapiApi(Audience, Algorithm),
    #[error(
        "a public client keeps no secret, so it may not use client_credentials (RFC 6749 §4.4)"
    )]
    PublicClientCredentials,
    #[error("a public client keeps no secret, so it may not follow the feed")]
    PublicFeed,
    #[error(
        "the identity API hands out bearer tokens, so a client whose tokens are bound to a key may not use it"
    )]
    BoundLogin,
    #[error("only a public client may log people in through the identity API")]
    ConfidentialLogin,
    #[error("the client has no secret: it is public, or proves itself by a key")]
    NoSecret,
    /// `client_secret_jwt` takes a secret that can be computed again, the other methods one that cannot.
    #[error(
        "the client has no secret for this token_endpoint_auth_method: replace its secret, and name the method there"
    )]
    OtherSecret,
    #[error(transparent)]
    Registration(#[from] RegistrationRefused),
    #[error(transparent)]
    Flow(#[from] FlowRefused),
    #[error(transparent)]
    OpenId(#[from] OpenIdRefused),
    /// What it wants its answers signed with.
    #[error(transparent)]
    Algorithm(CustodyError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn create_client(
        &self,
        new: NewClient,
        actor: &Actor,
    ) -> Result<CreatedClient, ClientError> {
        let now = self.now();
        let id = match new.id {
            Some(id) if id.as_str().parse::<UserId>().is_ok() => {
                return Err(ClientError::LooksLikeUser);
            }
            Some(id) if id.document_host().is_some() => return Err(ClientError::Address),
            Some(id) => id,
            None => self.new_client_id()?,
        };
        let method = new.registration.token_endpoint_auth_method;
        let needs_secret = new.registration.needs_secret(new.kind);
        let (kept, secret) = needs_secret
            .then(|| self.new_client_secret(&id, method))
            .unzip();
        let client = Client {
            id,
            name: new.name,
            kind: new.kind,
            secret: kept,
            grants: new.grants,
            allowed: new.allowed,
            default_audience: new.default_audience,
            registration: new.registration,
            disabled: false,
            created_at: now,
            status: Some(self.free_entry(now).await?.entry),
        };
        self.check_client(&client)?;
        let effects = Event::new(EventKind::ClientCreated, actor.clone(), now)
            .client(&client.id)
            .into();
        match self.outside.store.insert_client(&client, &effects).await? {
            Inserted::Yes => {
                self.make_keys_for(&client).await?;
                Ok(CreatedClient { client, secret })
            }
            Inserted::Taken => Err(ClientError::Taken),
        }
    }

    pub async fn client(&self, id: &ClientId) -> Result<Client, ClientError> {
        self.outside
            .store
            .client(id)
            .await?
            .ok_or(ClientError::Unknown)
    }

    pub async fn clients(&self, page: Page<ClientId>) -> Result<Vec<Client>, ClientError> {
        Ok(self.outside.store.clients(page).await?)
    }

    pub async fn change_client(
        &self,
        id: &ClientId,
        change: ChangeClient,
        actor: &Actor,
    ) -> Result<Client, ClientError> {
        let current = self.client(id).await?;
        let before = current.allowed.clone();
        let is_registered_anew = change.registration.is_some();
        let is_remade = change.remakes();
        let client = Client {
            name: change.name.unwrap_or(current.name),
            grants: change.grants.unwrap_or(current.grants),
            allowed: change.allowed.unwrap_or(current.allowed),
            default_audience: change.default_audience.unwrap_or(current.default_audience),
            registration: change.registration.unwrap_or(current.registration),
            disabled: change.disabled.unwrap_or(current.disabled),
            ..current
        };
        if is_remade {
            self.check_client(&client)?;
        }
        if is_registered_anew && !client.has_its_secret() {
            return Err(ClientError::OtherSecret);
        }
        if !self.save_client(&client, actor, "settings").await? {
            return Err(ClientError::Unknown);
        }
        let concern = Concern::Client {
            id: client.id.clone(),
            before,
            after: client.allowed.clone(),
        };
        self.mark_stale(&concern).await?;
        self.make_keys_for(&client).await?;
        Ok(client)
    }

    /// Replaces the secret; the old one stops working at once. With a method, the client is registered for that from now on.
    pub async fn rotate_client_secret(
        &self,
        id: &ClientId,
        method: Option<AuthMethod>,
        actor: &Actor,
    ) -> Result<PlainSecret, ClientError> {
        let mut client = self.client(id).await?;
        let method = method.or(client.registration.token_endpoint_auth_method);
        client.registration.token_endpoint_auth_method = method;
        if !client.registration.needs_secret(client.kind) {
            return Err(ClientError::NoSecret);
        }
        self.check_client(&client)?;
        let (kept, secret) = self.new_client_secret(id, method);
        client.secret = Some(kept);
        if self.save_client(&client, actor, "secret").await? {
            Ok(secret)
        } else {
            Err(ClientError::Unknown)
        }
    }

    pub async fn delete_client(&self, id: &ClientId, actor: &Actor) -> Result<(), ClientError> {
        let now = self.now();
        let effects = Event::new(EventKind::ClientDeleted, actor.clone(), now)
            .client(id)
            .into();
        if self.outside.store.delete_client(id, now, &effects).await? {
            Ok(())
        } else {
            Err(ClientError::Unknown)
        }
    }

    /// False if there is no such client any more.
    pub(crate) async fn save_client(
        &self,
        client: &Client,
        actor: &Actor,
        what: &'static str,
    ) -> Result<bool, Unavailable> {
        let now = self.now();
        let event = Event::new(EventKind::ClientChanged, actor.clone(), now)
            .client(&client.id)
            .detail(what);
        let fresh = self.free_entry(now).await?;
        self.outside
            .store
            .update_client(client, fresh.entry, now, &event.into())
            .await
    }

    /// Keys of an algorithm that no client asked for before, so that its first login does not wait for one. A failure here is made
    /// good by the next tick.
    pub(super) async fn make_keys_for(&self, client: &Client) -> Result<(), Unavailable> {
        let asked = client.registration.algorithms();
        if asked.is_subset(&self.catalog().client_algorithms) {
            return Ok(());
        }
        self.tick().await.map_err(|error| match error {
            TickError::Unavailable(error) => error,
            TickError::Custody(error) => Unavailable::new("custody", error),
        })
    }

    /// Whether the custody can do everything that the client asks to have signed.
    pub(super) fn check_signing(&self, registration: &Registration) -> Result<(), CustodyError> {
        let mut algorithms = registration.algorithms().into_iter();
        algorithms.try_for_each(|algorithm| self.outside.custody.supports(algorithm))
    }

    fn check_client(&self, client: &Client) -> Result<(), ClientError> {
        client.registration.check(client.kind)?;
        let certificates = self.policy().client_certificates;
        client.registration.check_certificates(certificates)?;
        client.check_flow()?;
        check_openid(client)?;
        self.check_signing(&client.registration)
            .map_err(ClientError::Algorithm)?;
        let catalog = self.catalog();
        for (audience, scopes) in &client.allowed {
            let api = catalog
                .apis
                .get(audience)
                .ok_or_else(|| ClientError::UnknownApi(audience.clone()))?;
            if client.registration.fapi && !fapi::ALGORITHMS.contains(&api.algorithm) {
                return Err(ClientError::FapiApi(audience.clone(), api.algorithm));
            }
            if let Some(stranger) = scopes.without(&api.scope_set()).iter().next() {
                return Err(ClientError::UnknownScope(
                    audience.clone(),
                    stranger.to_owned(),
                ));
            }
        }
        if let Some(audience) = client
            .default_audience
            .as_ref()
            .filter(|a| !catalog.apis.contains_key(a))
        {
            return Err(ClientError::UnknownApi(audience.clone()));
        }
        match client.kind {
            ClientKind::Public if client.grants.contains(&Grant::ClientCredentials) => {
                Err(ClientError::PublicClientCredentials)
            }
            ClientKind::Public if client.grants.contains(&Grant::Feed) => {
                Err(ClientError::PublicFeed)
            }
            ClientKind::Confidential if client.grants.contains(&Grant::Login) => {
                Err(ClientError::ConfidentialLogin)
            }
            ClientKind::Public
                if client.registration.must_bind_tokens()
                    && client.grants.contains(&Grant::Login) =>
            {
                Err(ClientError::BoundLogin)
            }
            ClientKind::Public | ClientKind::Confidential => Ok(()),
        }
    }

    pub(crate) fn new_client_id(&self) -> Result<ClientId, Unavailable> {
        let id = base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.random::<12>());
        id.parse()
            .map_err(|error| Unavailable::new("entropy", error))
    }
}

impl ChangeClient {
    /// Whether it changes anything that is checked. The rules may have grown since the client was registered, and that must not keep
    /// anybody from disabling it.
    fn remakes(&self) -> bool {
        self.grants.is_some()
            || self.allowed.is_some()
            || self.default_audience.is_some()
            || self.registration.is_some()
    }
}
