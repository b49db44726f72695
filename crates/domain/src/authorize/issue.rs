//! The person's answer becomes the client's: a code, or a refusal.

use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::authorize::authorize::Sound;
use crate::authorize::{
    Authorization, AuthorizationCode, AuthorizeError, CodeId, Consent, Objection, code,
};
use crate::login::Login;
use crate::{Issuer, Time};

impl Issuer {
    /// A code, for a login that holds; `decided`: the person has just consented. `None`: logged out, disabled, or given another
    /// password, a moment ago.
    pub(super) async fn issue_code(
        &self,
        sound: &Sound<'_>,
        login: &Login,
        decided: bool,
        origin: &Origin,
    ) -> Result<Option<Authorization>, AuthorizeError> {
        let now = self.now();
        let user = self.outside.store.by_id(login.user).await?;
        let Some(user) = user.filter(|user| user.is_active()) else {
            return Ok(None);
        };
        let code = self.code_for(sound, login, user.epoch, now);
        let consent = decided.then(|| Consent::to(sound.request, &sound.client.id, user.id, now));
        let event = |kind| {
            Event::new(kind, Actor::User(user.id), now)
                .user(user.id)
                .client(&sound.client.id)
                .from(origin)
        };
        let given = decided.then(|| event(EventKind::ConsentGiven));
        let granted = event(EventKind::AuthorizationGranted);
        let effects = Effects {
            events: given.into_iter().chain([granted]).collect(),
            ..Effects::default()
        };
        let store = &self.outside.store;
        if !store.issue_code(&code, consent.as_ref(), &effects).await? {
            return Ok(None);
        }
        let token = code.id.token(&self.secrets.link);
        let issuer = &self.policy().issuer;
        let answer = sound.destination.grant(&token, issuer);
        let answer = self.seal_response(sound.destination, answer)?;
        Ok(Some(Authorization::Answer(answer)))
    }

    fn code_for(
        &self,
        sound: &Sound<'_>,
        login: &Login,
        epoch: i64,
        now: Time,
    ) -> AuthorizationCode {
        let request = sound.request.clone();
        AuthorizationCode {
            id: CodeId(self.random()),
            client: sound.client.id.clone(),
            redirect_uri: sound.destination.redirect_uri.clone(),
            user: login.user,
            epoch,
            login: login.id,
            audience: request.audience,
            scope: request.scope,
            openid: request.openid,
            details: request.details,
            nonce: request.nonce,
            code_challenge: request.code_challenge,
            dpop_jkt: request.dpop_jkt,
            authenticated_at: login.authenticated_at,
            amr: login.amr.clone(),
            acr_values: request.acr_values,
            claims: request.claims,
            issued_at: now,
            expires_at: now + code::LIFETIME,
        }
    }

    /// The person said no.
    pub(super) async fn deny(
        &self,
        sound: &Sound<'_>,
        login: &Login,
        origin: &Origin,
    ) -> Result<Authorization, AuthorizeError> {
        let now = self.now();
        let event = Event::new(EventKind::AuthorizationDenied, Actor::User(login.user), now)
            .user(login.user)
            .client(&sound.client.id)
            .from(origin);
        self.outside.store.record(&Effects::from(event)).await?;
        Ok(self.refuse(sound.destination, Objection::Denied)?)
    }
}
