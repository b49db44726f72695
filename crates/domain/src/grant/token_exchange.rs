//! A token for another (RFC 8693): an API that was called calls the next one for the same person, with no more than it was given.
//!
//! What is minted hangs on what was presented. It names the same session (or the same service) and the same entry in a status list, so
//! whatever kills the one kills the other, and it does not live longer.
//!
//! A token of a trusted issuer (`trust`) is another matter: it opens a session here, and a refresh keeps that alive, so that people who were
//! logged in at the system before this one stay so.

use crate::access::{Audience, AuthorizationDetails, Catalog, ScopeRefused, ScopeSet};
use crate::audit::Origin;
use crate::client::{Client, ClientKind, ClientRefused, Grant, PresentedClient};
use crate::ledger::GrantType;
use crate::secret::PlainSecret;
use crate::token::{Binding, Delegation, MintError, OwnToken, ProvedKey, Stands, Tokens};
use crate::trust::{PresentedAs, TrustError, TrustedGrant, TrustedIssuer};
use crate::{Issuer, Unavailable};

/// Actors one behind the other: each call through one more service adds one.
const DEEPEST: usize = 8;

#[derive(Clone, Debug)]
pub struct ExchangeToken {
    pub client: PresentedClient,
    pub subject_token: PlainSecret,
    /// Of whom the new token says that they act for the subject (§1.1).
    pub actor_token: Option<PlainSecret>,
    /// `None`: the API that the subject's token is for.
    pub audience: Option<Audience>,
    /// `None`: all that may be had.
    pub scope: Option<ScopeSet>,
    /// The token is to be bound to it (RFC 9449 §5).
    pub proof_key: Option<ProvedKey>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum ExchangeTokenError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    /// Not one of ours, dead, or none of this client's business: which of them is not told.
    #[error("the subject's token is not accepted")]
    Subject,
    /// The same of the actor's; it must be the exchanging client's own, or of a person who uses that client.
    #[error("the actor's token is not accepted")]
    Actor,
    /// One of a trusted issuer.
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn exchange_token(
        &self,
        request: ExchangeToken,
    ) -> Result<Tokens, ExchangeTokenError> {
        let client = self
            .authenticate_for(Grant::TokenExchange, &request.client, &request.origin)
            .await?;
        let proof_key = request.proof_key.clone();
        let binding = client.binding(proof_key, &request.client)?;
        if let Some(trusted) = self.claimed_issuer(&request.subject_token) {
            return self
                .exchange_trusted(&trusted, &client, binding, request)
                .await;
        }
        if client.kind == ClientKind::Public {
            // It proves nothing, so anybody who came by a token of ours could widen it.
            return Err(ExchangeTokenError::Subject);
        }
        let (subject, stands) = self.subject_of(&request.subject_token, &client).await?;
        let acts = self
            .actors(&subject, request.actor_token.as_ref(), &client)
            .await?;
        let now = self.now();
        let audience = match &request.audience {
            Some(named) => named.clone(),
            None => subject.audience().ok_or(ExchangeTokenError::Subject)?,
        };
        let delegation = Delegation {
            client: client.id.clone(),
            acts,
            longest: subject.expires_at().since(now),
            fapi: client.registration.fapi,
        };
        let minting = self
            .begin_minting(now)?
            .bound_to(binding)
            .delegated(delegation);
        let catalog = minting.catalog();
        let api = catalog.api(&audience)?;
        if self.policy().issuer_audience().as_ref() == Some(&audience) {
            // Administration is for whoever logged in for it, never passed on.
            return Err(ScopeRefused::NothingGranted.into());
        }
        let limit = limit(&subject, &stands, &audience, catalog);
        let nothing = ScopeSet::default();
        let allowed = client.allowed.get(&audience).unwrap_or(&nothing);
        let scope = catalog.narrow(api, request.scope.as_ref(), &[allowed, &limit])?;
        if scope.is_empty() {
            return Err(ScopeRefused::NothingGranted.into());
        }
        let grantee = stands.grantee();
        let entry = minting.entry(api, grantee, &scope, GrantType::TokenExchange)?;
        self.outside.store.record_token(&entry).await?;
        let access = minting.sign(api, grantee, &scope)?;
        Ok(Tokens {
            access,
            refresh: None,
            id_token: None,
            scope,
            details: AuthorizationDetails::default(),
            session: None,
        })
    }

    async fn exchange_trusted(
        &self,
        trusted: &TrustedIssuer,
        client: &Client,
        binding: Option<Binding>,
        request: ExchangeToken,
    ) -> Result<Tokens, ExchangeTokenError> {
        if request.actor_token.is_some() {
            return Err(ExchangeTokenError::Actor);
        }
        let asked = TrustedGrant {
            client,
            token: &request.subject_token,
            presented_as: PresentedAs::Token,
            grant: GrantType::TokenExchange,
            audience: request.audience,
            scope: request.scope,
            binding,
            origin: &request.origin,
        };
        Ok(self.open_by_trust(trusted, asked).await?)
    }

    /// The token, and what it stands on, if this client may use it: it is the client's own, or for an API that the client deals with. A
    /// client that came by any other has no business with it.
    async fn subject_of(
        &self,
        token: &PlainSecret,
        client: &Client,
    ) -> Result<(OwnToken, Stands), ExchangeTokenError> {
        let refused = ExchangeTokenError::Subject;
        let Some(own) = self.own_access_token(token.expose()) else {
            return Err(refused);
        };
        let is_for_client = own.client == client.id
            || own
                .audience()
                .is_some_and(|audience| client.allowed.contains_key(&audience));
        if !is_for_client {
            return Err(refused);
        }
        match self.stands_on(&own).await? {
            Some(stands) => Ok((own, stands)),
            None => Err(refused),
        }
    }

    /// Whoever acts, the last one first (§4.1).
    async fn actors(
        &self,
        subject: &OwnToken,
        token: Option<&PlainSecret>,
        client: &Client,
    ) -> Result<Vec<String>, ExchangeTokenError> {
        let mut acts = subject.actors();
        if let Some(token) = token {
            let actor = self.own_access_token(token.expose());
            let actor = actor.filter(|actor| actor.client == client.id);
            let Some(actor) = actor else {
                return Err(ExchangeTokenError::Actor);
            };
            if self.stands_on(&actor).await?.is_none() {
                return Err(ExchangeTokenError::Actor);
            }
            acts.insert(0, actor.sub().to_owned());
        }
        if acts.len() > DEEPEST {
            return Err(ExchangeTokenError::Actor);
        }
        Ok(acts)
    }
}

/// What the subject may have of an API: of the one that its token is for, no more than that token says; of another, what its roles grant
/// there, or what the service that it is may ask for.
fn limit(subject: &OwnToken, stands: &Stands, audience: &Audience, catalog: &Catalog) -> ScopeSet {
    let own = match stands {
        Stands::Session(standing) => {
            let session = &standing.session;
            let granted = catalog.granted(&standing.user.roles, audience);
            // Also by way of other APIs and back: the session was given no more.
            match session.audience == *audience {
                true => granted.intersection(&session.scope),
                false => granted,
            }
        }
        Stands::Service(client) => client.allowed.get(audience).cloned().unwrap_or_default(),
    };
    if subject.audience().as_ref() == Some(audience) {
        own.intersection(&subject.scope())
    } else {
        own
    }
}
