//! Authorization codes, and what people have granted to clients.

mod code;
mod consent;

use keywright_domain::audit::Effects;
use keywright_domain::authorize::{AuthorizationCode, CodeId, Consent, StoredCode};
use keywright_domain::client::ClientId;
use keywright_domain::ports::{Answer, Authorizations, CodeSpent, ConsentedClient};
use keywright_domain::session::{EndReason, Ended, Session};
use keywright_domain::{Time, UserId};

pub(crate) use consent::{forget_of_client, forget_of_user};

use crate::Store;
use crate::statement::Sql;

pub(crate) fn statements() -> [&'static [&'static Sql]; 2] {
    [code::STATEMENTS, consent::STATEMENTS]
}

impl Authorizations for Store {
    fn issue_code<'a>(
        &'a self,
        code: &'a AuthorizationCode,
        consent: Option<&'a Consent>,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        self.write(
            (code.clone(), consent.cloned(), effects.clone()),
            |(code, consent, effects), tx| {
                Box::pin(code::issue(tx, code, consent.as_ref(), effects))
            },
        )
    }

    fn code(&self, id: CodeId) -> Answer<'_, Option<StoredCode>> {
        Box::pin(async move { Ok(code::find(&self.engine, id).await?) })
    }

    fn redeem_code<'a>(
        &'a self,
        code: &'a AuthorizationCode,
        session: &'a Session,
        effects: &'a Effects,
    ) -> Answer<'a, CodeSpent> {
        self.write(
            (code.clone(), session.clone(), effects.clone()),
            |(code, session, effects), tx| Box::pin(code::redeem(tx, code, session, effects)),
        )
    }

    fn burn_code(&self, id: CodeId, at: Time) -> Answer<'_, ()> {
        Box::pin(async move { Ok(code::burn(&self.engine, id, at).await?) })
    }

    fn consent<'a>(&'a self, user: UserId, client: &'a ClientId) -> Answer<'a, Option<Consent>> {
        Box::pin(async move { Ok(consent::find(&self.engine, user, client).await?) })
    }

    fn consents_of(&self, user: UserId) -> Answer<'_, Vec<ConsentedClient>> {
        self.scan(user, |user, tx| Box::pin(consent::list(tx, *user)))
    }

    fn withdraw_consent<'a>(
        &'a self,
        user: UserId,
        client: &'a ClientId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool> {
        let reason = EndReason::ConsentWithdrawn;
        self.write(
            (user, client.clone(), Ended { at, reason }, effects.clone()),
            |(user, client, ended, effects), tx| {
                Box::pin(consent::withdraw(tx, *user, client, *ended, effects))
            },
        )
    }
}
