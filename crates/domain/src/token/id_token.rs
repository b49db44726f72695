//! ID tokens by OpenID Connect Core §2: for the client alone, about the person's login.

use std::sync::Arc;

use keywright_jwt::{IdClaims, half_hash};
use serde_json::{Map, Value};

use crate::access::{Api, ScopeSet};
use crate::keys::{NoSigningKey, RingId};
use crate::ledger::{Entry, GrantType, TokenClass, TokenKind};
use crate::openid::acr;
use crate::ports::Signer;
use crate::session::Standing;
use crate::token::{MintError, Minting};

/// No type is registered for ID tokens; verifiers of access tokens demand another (RFC 9068 §2.1), so neither passes for the other.
pub(crate) const ID_TOKEN_TYPE: &str = "JWT";

/// What an ID token tells beyond the session.
pub(crate) struct Told<'a> {
    /// The client's word out of the authorization request.
    pub nonce: Option<&'a str>,
    /// The access token that leaves with it.
    pub access_token: &'a str,
    /// Claims that the client asked for by name.
    pub claims: &'a Map<String, Value>,
}

impl Minting<'_> {
    /// The record of the ID token, durable before [`Minting::sign_id_token`] lets it out. It lives as long as the access token.
    pub(crate) fn id_entry(
        &self,
        api: &Api,
        standing: &Standing,
        grant: GrantType,
    ) -> Result<Entry, MintError> {
        let class = TokenClass {
            client: standing.client.id.clone(),
            audience: (&standing.client.id).into(),
            scope: ScopeSet::default(),
            kid: self.id_signer(standing)?.kid().to_owned(),
            grant,
            kind: TokenKind::IdToken,
            lifetime: api.access_lifetime,
        };
        let session = Some(standing.session.id);
        Ok(Entry::new(self.id_jti, class, session, self.ledger_key()))
    }

    pub(crate) fn may_sign_id_token(&self, standing: &Standing) -> bool {
        self.id_signer(standing).is_ok()
    }

    pub(crate) fn sign_id_token(
        &self,
        api: &Api,
        standing: &Standing,
        told: &Told<'_>,
    ) -> Result<String, MintError> {
        let signer = self.id_signer(standing)?;
        let session = &standing.session;
        let subject = self.issuer.subject(&standing.client, session.user);
        let amr: Vec<&str> = session.amr.iter().map(String::as_str).collect();
        let claims = IdClaims {
            iss: self.policy.issuer.as_str(),
            sub: &subject,
            aud: standing.client.id.as_str(),
            exp: (self.now + api.access_lifetime).secs(),
            iat: self.now.secs(),
            jti: &self.id_jti.to_string(),
            auth_time: session.authenticated_at.secs(),
            nonce: told.nonce,
            acr: acr::of(&session.amr),
            amr: &amr,
            sid: Some(&session.id.to_string()),
            at_hash: Some(&half_hash(signer.algorithm(), told.access_token)),
            extra: Some(told.claims),
        };
        Ok(signer.sign(ID_TOKEN_TYPE, &claims.to_payload()?)?)
    }

    /// Of the algorithm that the client registered, and no other: the client refuses what it did not register.
    fn id_signer(&self, standing: &Standing) -> Result<&Arc<dyn Signer>, NoSigningKey> {
        let algorithm = standing.client.registration.id_token_algorithm();
        self.held.ring.active(&RingId::public(algorithm))
    }
}
