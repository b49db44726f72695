//! Authorization codes and consents at rest.

use crate::audit::Effects;
use crate::authorize::{AuthorizationCode, CodeId, Consent, StoredCode};
use crate::client::ClientId;
use crate::ports::Answer;
use crate::session::Session;
use crate::{SessionId, Time, UserId};

/// What an attempt to spend a code came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeSpent {
    /// The session is open.
    Opened,
    /// Another presentation was first; this is what it opened, if anything.
    Before(Option<SessionId>),
    /// The account is not what it was when the code was issued, or its login or its consent is gone.
    Void,
}

/// What a person has granted, and the name of the client that they granted it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentedClient {
    pub consent: Consent,
    pub client_name: String,
}

pub trait Authorizations: Send + Sync {
    /// Stores a code, and with it the consent that it rests on, added to what was granted before. False, and nothing is stored, if
    /// the account is not active and at the code's epoch any more, or the login has ended.
    fn issue_code<'a>(
        &'a self,
        code: &'a AuthorizationCode,
        consent: Option<&'a Consent>,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;

    fn code(&self, id: CodeId) -> Answer<'_, Option<StoredCode>>;

    /// Spends the code and opens the session, once and for all callers: what a code opens is on record with it.
    fn redeem_code<'a>(
        &'a self,
        code: &'a AuthorizationCode,
        session: &'a Session,
        effects: &'a Effects,
    ) -> Answer<'a, CodeSpent>;

    /// Spends the code for nothing; does nothing if it is spent.
    fn burn_code(&self, id: CodeId, at: Time) -> Answer<'_, ()>;

    fn consent<'a>(&'a self, user: UserId, client: &'a ClientId) -> Answer<'a, Option<Consent>>;

    /// In the order of the clients' ids.
    fn consents_of(&self, user: UserId) -> Answer<'_, Vec<ConsentedClient>>;

    /// Forgets the consent with the codes that rest on it, and ends the client's sessions of this user. False if there is none.
    fn withdraw_consent<'a>(
        &'a self,
        user: UserId,
        client: &'a ClientId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
}
