//! A client registers itself (RFC 7591 §3).

use super::{ClientMetadata, DynamicClient, MetadataRefused, Provenance};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::Client;
use crate::limit::{LimitKey, Limited, Network};
use crate::policy::RegistrationDoor;
use crate::ports::ClientAdded;
use crate::secret::{HashedSecret, PlainSecret};
use crate::{InitialAccessId, Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct RegisterClient {
    pub metadata: ClientMetadata,
    /// The initial access token, where one is demanded.
    pub token: Option<PlainSecret>,
    pub origin: Origin,
}

/// A client as it is told of itself.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    pub client: Client,
    /// A new one, this once. `None`: it has none, or keeps the one that it was told before.
    pub secret: Option<PlainSecret>,
    /// By which it manages its registration.
    pub access_token: PlainSecret,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterClientError {
    #[error("clients do not register themselves here")]
    Closed,
    #[error("the initial access token is missing, unknown, expired or used up")]
    Token,
    #[error(transparent)]
    Metadata(#[from] MetadataRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn register_client(
        &self,
        request: RegisterClient,
    ) -> Result<RegisteredClient, RegisterClientError> {
        let now = self.now();
        let admission = self.admission(&request, now).await?;
        let policy = self.policy();
        let certificates = policy.client_certificates;
        let strangers = &policy.self_registration;
        let admitted = request
            .metadata
            .admit(strangers, certificates, &self.catalog())?;
        self.check_signing(&admitted.registration)
            .map_err(MetadataRefused::Algorithm)?;
        let id = self.new_client_id()?;
        let (kept, secret) = self.secret_for(&id, &admitted, None);
        let client = Client {
            id,
            name: admitted.name,
            kind: admitted.kind,
            secret: kept,
            grants: admitted.grants,
            allowed: admitted.allowed,
            default_audience: admitted.default_audience,
            disabled: false,
            created_at: now,
            registration: admitted.registration,
            status: Some(self.free_entry(now).await?.entry),
        };
        self.check_sector::<RegisterClientError>(&client.registration, &request.origin)
            .await?;
        let access_token = self.new_registration_token();
        let registered = DynamicClient {
            client: client.id.clone(),
            provenance: Provenance::Registered {
                access_token: HashedSecret::of(&access_token),
            },
            used_at: now,
        };
        let event = Event::new(EventKind::ClientRegistered, Actor::Anonymous, now);
        let effects = Effects::from(event.client(&client.id).from(&request.origin));
        let store = &self.outside.store;
        let added = store.register_client(&client, &registered, admission, &effects);
        match added.await? {
            ClientAdded::Yes => {
                self.make_keys_for(&client).await?;
                Ok(RegisteredClient {
                    client,
                    secret,
                    access_token,
                })
            }
            // Others have used it up in the meantime.
            ClientAdded::NoAdmission => Err(RegisterClientError::Token),
        }
    }

    /// By what right the client is registered. A wrong token counts as a failure of its network.
    async fn admission(
        &self,
        request: &RegisterClient,
        now: Time,
    ) -> Result<Option<InitialAccessId>, RegisterClientError> {
        let policy = self.policy();
        let (failures, quota) = self.failures_from(&request.origin);
        match policy.self_registration.door {
            RegistrationDoor::Closed => Err(RegisterClientError::Closed),
            RegistrationDoor::Open => {
                let network = Network::from(request.origin.address);
                let quota = policy.self_registration.quota;
                self.limits
                    .take(LimitKey::Registrations(network), quota, now)?;
                Ok(None)
            }
            RegistrationDoor::Token => {
                self.limits.check(failures, quota, now)?;
                let token = request.token.as_ref().ok_or(RegisterClientError::Token)?;
                let known = self.known_initial_access(token, now).await;
                if let Err(RegisterClientError::Token) = known {
                    self.limits.charge(failures, quota, now);
                }
                known.map(Some)
            }
        }
    }

    /// 256 random bits, with a prefix that secret scanners find.
    pub(super) fn new_registration_token(&self) -> PlainSecret {
        let random = base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.random::<32>());
        PlainSecret::new(format!("kwm_{random}"))
    }
}
