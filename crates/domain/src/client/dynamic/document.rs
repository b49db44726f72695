//! A client whose id is the address of its metadata (draft-ietf-oauth-client-id-metadata-document): it registers nothing, and what it
//! publishes is looked up when somebody names it.

use serde::Deserialize;

use super::{ClientMetadata, MetadataRefused, Provenance, ReadDocument};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{Client, ClientId, ClientKind};
use crate::limit::{LimitKey, Limited, Network};
use crate::status::{Concern, StatusRef};
use crate::{Issuer, Period, Unavailable};

/// §6.2: a document that changed is noticed, and one that is named again and again is not fetched each time.
const FRESH: Period = Period::hours(1);
/// §6.6.
const LONGEST: usize = 5 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum ClientDocumentError {
    #[error("clients are not named by addresses here")]
    Off,
    #[error("the document cannot be fetched: {0}")]
    Unreachable(Unavailable),
    #[error("the document is no JSON object of client metadata: {0}")]
    Malformed(String),
    #[error("the document names another client")]
    Foreign,
    #[error("a client that is named by an address keeps no secret")]
    Secret,
    #[error(transparent)]
    Refused(#[from] MetadataRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl ClientDocumentError {
    /// For logs: it holds nothing of the document.
    pub const fn as_str(&self) -> &'static str {
        match self {
            ClientDocumentError::Off => "off",
            ClientDocumentError::Unreachable(_) => "unreachable",
            ClientDocumentError::Malformed(_) => "malformed",
            ClientDocumentError::Foreign => "foreign",
            ClientDocumentError::Secret => "secret",
            ClientDocumentError::Refused(_) => "refused",
            ClientDocumentError::Limited(_) => "limited",
            ClientDocumentError::Unavailable(_) => "unavailable",
        }
    }
}

/// What stands in the document beside the metadata.
#[derive(Deserialize)]
struct Beside {
    client_id: String,
    client_secret: Option<serde::de::IgnoredAny>,
}

impl Issuer {
    /// The client of that id, whoever made it; for an address, what is published there.
    pub async fn named_client(
        &self,
        id: &ClientId,
        origin: &Origin,
    ) -> Result<Option<Client>, ClientDocumentError> {
        if id.document_host().is_none() {
            return Ok(self.outside.store.client(id).await?);
        }
        if !self.policy().self_registration.documents {
            return Err(ClientDocumentError::Off);
        }
        let now = self.now();
        let known = self.outside.store.dynamic_client(id).await?;
        let is_fresh = |provenance: &Provenance| match provenance {
            Provenance::Document { fresh_until } => now < *fresh_until,
            Provenance::Registered { .. } => false,
        };
        match known {
            Some((dynamic, client)) if is_fresh(&dynamic.provenance) => Ok(Some(client)),
            Some((_, client)) => self.read_document(id, Some(client), origin).await.map(Some),
            None => self.read_document(id, None, origin).await.map(Some),
        }
    }

    async fn read_document(
        &self,
        id: &ClientId,
        before: Option<Client>,
        origin: &Origin,
    ) -> Result<Client, ClientDocumentError> {
        let now = self.now();
        let policy = self.policy();
        // Whoever names addresses makes this server call them.
        let network = LimitKey::Registrations(Network::from(origin.address));
        self.limits
            .take(network, policy.self_registration.quota, now)?;
        let fetched = self.outside.documents.fetch(id.as_str()).await;
        let bytes = fetched.map_err(ClientDocumentError::Unreachable)?;
        let metadata = metadata_of(&bytes, id)?;
        let certificates = policy.client_certificates;
        let strangers = &policy.self_registration;
        let admitted = metadata.admit(strangers, certificates, &self.catalog())?;
        self.check_signing(&admitted.registration)
            .map_err(MetadataRefused::Algorithm)?;
        if admitted.kind != ClientKind::Public {
            return Err(ClientDocumentError::Secret);
        }
        let entry = self.free_entry(now).await?.entry;
        let client = Client {
            id: id.clone(),
            name: admitted.name,
            kind: admitted.kind,
            secret: None,
            grants: admitted.grants,
            allowed: admitted.allowed,
            default_audience: admitted.default_audience,
            disabled: before.as_ref().is_some_and(|client| client.disabled),
            created_at: before.as_ref().map_or(now, |client| client.created_at),
            registration: admitted.registration,
            status: before.as_ref().map_or(Some(entry), |client| client.status),
        };
        self.check_sector::<ClientDocumentError>(&client.registration, origin)
            .await?;
        self.keep(client, before, entry, origin).await
    }

    async fn keep(
        &self,
        client: Client,
        before: Option<Client>,
        entry: StatusRef,
        origin: &Origin,
    ) -> Result<Client, ClientDocumentError> {
        let at = self.now();
        let read = ReadDocument {
            client: client.clone(),
            fresh_until: at + FRESH,
            entry,
            at,
        };
        let is_news = before.as_ref() != Some(&client);
        let event = Event::new(EventKind::ClientDocumentRead, Actor::Anonymous, at)
            .client(&client.id)
            .from(origin);
        let effects = if is_news {
            event.into()
        } else {
            Effects::default()
        };
        if !self.outside.store.keep_document(&read, &effects).await? {
            return Err(ClientDocumentError::Foreign);
        }
        self.make_keys_for(&client).await?;
        if let Some(before) = before {
            let concern = Concern::Client {
                id: client.id.clone(),
                before: before.allowed,
                after: client.allowed.clone(),
            };
            self.mark_stale(&concern).await?;
        }
        Ok(client)
    }
}

fn metadata_of(bytes: &[u8], id: &ClientId) -> Result<ClientMetadata, ClientDocumentError> {
    let malformed =
        |error: &dyn std::fmt::Display| ClientDocumentError::Malformed(error.to_string());
    if bytes.len() > LONGEST {
        return Err(malformed(&"it is longer than 5 KiB"));
    }
    let beside: Beside = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    if beside.client_id != id.as_str() {
        return Err(ClientDocumentError::Foreign);
    }
    if beside.client_secret.is_some() {
        return Err(ClientDocumentError::Secret);
    }
    let metadata: ClientMetadata =
        serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
    let method = metadata.token_endpoint_auth_method.clone();
    Ok(ClientMetadata {
        // RFC 7591's default is a secret, which nobody could tell such a client.
        token_endpoint_auth_method: method.or_else(|| Some("none".to_owned())),
        ..metadata
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(document: &Value) -> Result<ClientMetadata, String> {
        let id: ClientId = "https://app.example/client.json".parse().unwrap();
        let read = metadata_of(document.to_string().as_bytes(), &id);
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn a_document_speaks_for_its_own_address_and_holds_no_secret() {
        let own = json!({ "client_id": "https://app.example/client.json" });
        let public = read(&own).unwrap().token_endpoint_auth_method;
        assert_eq!(public.as_deref(), Some("none"));
        let malformed = "no JSON object of client metadata";
        for (document, says) in [
            (
                json!({ "client_id": "https://app.example/other.json" }),
                "another client",
            ),
            (json!({}), malformed),
            (json!([]), malformed),
            (
                json!({ "client_id": own["client_id"], "client_secret": "x" }),
                "keeps no secret",
            ),
            (
                json!({ "client_id": own["client_id"], "client_name": "x".repeat(5200) }),
                "longer than",
            ),
            (
                json!({ "client_id": own["client_id"], "redirect_uris": 7 }),
                malformed,
            ),
        ] {
            let refused = read(&document).unwrap_err();
            assert!(refused.contains(says), "{document}: {refused}");
        }
    }
}
