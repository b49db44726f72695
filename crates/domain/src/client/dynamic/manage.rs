//! A client manages its own registration (RFC 7592).

use super::admit::Admitted;
use super::{ClientMetadata, MetadataRefused, Provenance};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::client::{Client, ClientId, KeptSecret};
use crate::limit::Limited;
use crate::secret::PlainSecret;
use crate::status::Concern;
use crate::{Issuer, Unavailable};

#[derive(Debug, thiserror::Error)]
pub enum ManageClientError {
    /// There is no such client, it did not register itself, or the token is another's: which of them is nobody's business
    /// (RFC 7592 §2.1).
    #[error("the registration access token is not valid")]
    Token,
    #[error(transparent)]
    Metadata(#[from] MetadataRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What a client sends to be registered with from now on: all of it, not what is to change (RFC 7592 §2.2).
#[derive(Clone, Debug)]
pub struct ReplaceRegistration {
    pub metadata: ClientMetadata,
    pub client_id: Option<String>,
    pub client_secret: Option<PlainSecret>,
}

impl Issuer {
    /// The client that `token` manages.
    pub async fn managed_client(
        &self,
        id: &ClientId,
        token: &PlainSecret,
        origin: &Origin,
    ) -> Result<Client, ManageClientError> {
        let now = self.now();
        let (failures, quota) = self.failures_from(origin);
        self.limits.check(failures, quota, now)?;
        let found = self.outside.store.dynamic_client(id).await?;
        let is_own = |provenance: &Provenance| match provenance {
            Provenance::Registered { access_token } => access_token.matches(token),
            Provenance::Document { .. } => false,
        };
        match found.filter(|(dynamic, _)| is_own(&dynamic.provenance)) {
            Some((_, client)) if !client.disabled => Ok(client),
            Some(_) | None => {
                self.limits.charge(failures, quota, now);
                Err(ManageClientError::Token)
            }
        }
    }

    pub async fn replace_registration(
        &self,
        client: Client,
        request: ReplaceRegistration,
        origin: &Origin,
    ) -> Result<(Client, Option<PlainSecret>), ManageClientError> {
        if request.client_id.as_deref() != Some(client.id.as_str()) {
            let says = "expected the client's own";
            return Err(MetadataRefused::Member("client_id", says).into());
        }
        let presented = request.client_secret.as_ref();
        if presented.is_some_and(|secret| !self.is_secret_of(&client, secret)) {
            let says = "a client does not choose its secret";
            return Err(MetadataRefused::Member("client_secret", says).into());
        }
        let policy = self.policy();
        let certificates = policy.client_certificates;
        let strangers = &policy.self_registration;
        let admitted = request
            .metadata
            .admit(strangers, certificates, &self.catalog())?;
        self.check_signing(&admitted.registration)
            .map_err(MetadataRefused::Algorithm)?;
        let before = client.allowed.clone();
        let (secret, told) = self.secret_for(&client.id, &admitted, client.secret.clone());
        let changed = Client {
            name: admitted.name,
            kind: admitted.kind,
            secret,
            grants: admitted.grants,
            allowed: admitted.allowed,
            default_audience: admitted.default_audience,
            registration: admitted.registration,
            ..client
        };
        self.check_sector::<ManageClientError>(&changed.registration, origin)
            .await?;
        self.save_managed(&changed, origin).await?;
        self.make_keys_for(&changed).await?;
        let concern = Concern::Client {
            id: changed.id.clone(),
            before,
            after: changed.allowed.clone(),
        };
        self.mark_stale(&concern).await?;
        Ok((changed, told))
    }

    async fn save_managed(
        &self,
        client: &Client,
        origin: &Origin,
    ) -> Result<(), ManageClientError> {
        let now = self.now();
        let actor = Actor::Client(client.id.clone());
        let event = Event::new(EventKind::ClientManaged, actor, now).client(&client.id);
        let effects = event.from(origin).into();
        let fresh = self.free_entry(now).await?;
        let store = &self.outside.store;
        if store
            .update_client(client, fresh.entry, now, &effects)
            .await?
        {
            Ok(())
        } else {
            Err(ManageClientError::Token)
        }
    }

    /// The secret of a client that is registered as `admitted`: what it has, a new one, or none because it proves itself otherwise.
    pub(super) fn secret_for(
        &self,
        id: &ClientId,
        admitted: &Admitted,
        own: Option<KeptSecret>,
    ) -> (Option<KeptSecret>, Option<PlainSecret>) {
        if !admitted.registration.needs_secret(admitted.kind) {
            return (None, None);
        }
        let method = admitted.registration.token_endpoint_auth_method;
        if let Some(own) = own.filter(|own| own.serves(method)) {
            return (Some(own), None);
        }
        let (kept, secret) = self.new_client_secret(id, method);
        (Some(kept), Some(secret))
    }

    pub async fn withdraw_registration(
        &self,
        client: &Client,
        origin: &Origin,
    ) -> Result<(), ManageClientError> {
        let now = self.now();
        let actor = Actor::Client(client.id.clone());
        let event = Event::new(EventKind::ClientWithdrawn, actor, now).client(&client.id);
        let effects = event.from(origin).into();
        let store = &self.outside.store;
        if store.delete_client(&client.id, now, &effects).await? {
            Ok(())
        } else {
            Err(ManageClientError::Token)
        }
    }
}
