//! A request, to the point where the person or the client is answered.

use crate::access::{Catalog, ReadableDetail, ScopeSet};
use crate::account::User;
use crate::audit::Origin;
use crate::authorize::check::{self, Asked};
use crate::authorize::demands::unmet;
use crate::authorize::fault::Fault;
use crate::authorize::interaction::{Asking, must_consent, must_log_in};
use crate::authorize::response::Destination;
use crate::authorize::ticket::Ticket;
use crate::authorize::{
    AuthorizationRequest, AuthorizationResponse, ConsentDecision, Objection, Parameters,
    openid_scope_says,
};
use crate::client::dynamic::ClientDocumentError;
use crate::client::{Client, ClientId};
use crate::limit::Limited;
use crate::login::Login;
use crate::openid::IdTokenHint;
use crate::{Issuer, LoginId, Time, Unavailable};

/// What comes next.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// The person has to log in.
    LogIn(Waiting),
    /// The person has to decide.
    Consent(ConsentAsked),
    /// The browser carries this to the client.
    Answer(AuthorizationResponse),
    /// The person sees what is wrong, and decides whether the client is told.
    Fault(Fault),
}

/// A request that waits for a login.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Comes back with the login.
    pub ticket: String,
    pub client_name: String,
    /// Where the answer will go.
    pub redirect_uri: String,
    pub login_hint: Option<String>,
    pub ui_locales: Option<String>,
    pub display: Option<String>,
}

/// A request that waits for consent, and what the person must know to give it.
#[derive(Clone, Debug)]
pub struct ConsentAsked {
    /// Comes back with the decision.
    pub ticket: String,
    pub client: ClientId,
    pub client_name: String,
    pub client_uri: Option<String>,
    pub logo_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
    /// Where the answer will go.
    pub redirect_uri: String,
    /// The user name or e-mail address of whom it is asked.
    pub account: String,
    /// Each with what a person reads about it.
    pub scopes: Vec<(String, String)>,
    pub details: Vec<ReadableDetail>,
}

/// What becomes of no request. The person is told, and the client is not, unless it is said otherwise.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    #[error("the request names no client that is registered here")]
    UnknownClient,
    /// The same to the person: whoever publishes the document looks it up.
    #[error("the client's document is not accepted: {0}")]
    ClientDocument(ClientDocumentError),
    #[error("the request's redirect_uri is not one that is registered for the client")]
    RedirectUri,
    #[error("the page has expired, or was not made here")]
    Expired,
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The client is told, because a browser carries no status back to it (RFC 6749 §4.1.2.1).
    #[error("{cause}")]
    Failed {
        answer: AuthorizationResponse,
        cause: Unavailable,
    },
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<ClientDocumentError> for AuthorizeError {
    fn from(error: ClientDocumentError) -> Self {
        match error {
            ClientDocumentError::Limited(limited) => limited.into(),
            ClientDocumentError::Unavailable(error) => error.into(),
            ClientDocumentError::Off
            | ClientDocumentError::Unreachable(_)
            | ClientDocumentError::Malformed(_)
            | ClientDocumentError::Foreign
            | ClientDocumentError::Secret
            | ClientDocumentError::Refused(_) => Self::ClientDocument(error),
        }
    }
}

/// A request on its way, with whatever is known of the person.
pub(super) struct Attempt<'a> {
    pub parameters: &'a Parameters,
    /// Why what the request points to does not count.
    pub objection: Option<Objection>,
    pub login: Option<&'a Login>,
    /// When the client asked, if the person has been at a page since.
    pub resumed: Option<Time>,
    pub decision: Option<ConsentDecision>,
    pub origin: &'a Origin,
}

/// A request that no check objects to.
pub(super) struct Sound<'a> {
    pub client: &'a Client,
    pub catalog: &'a Catalog,
    pub destination: &'a Destination,
    pub request: &'a AuthorizationRequest,
}

impl Issuer {
    /// What becomes of an authorization request of a browser that has this login, or none.
    pub async fn authorize(
        &self,
        parameters: &Parameters,
        login: Option<&Login>,
        origin: &Origin,
    ) -> Result<Authorization, AuthorizeError> {
        let resolved = self.resolve(parameters).await?;
        let attempt = Attempt {
            parameters: &resolved.parameters,
            objection: resolved.objection,
            login,
            resumed: None,
            decision: None,
            origin,
        };
        self.consider(attempt).await
    }

    pub(super) async fn consider(
        &self,
        attempt: Attempt<'_>,
    ) -> Result<Authorization, AuthorizeError> {
        let client = self.asking_client(&attempt).await?;
        let catalog = self.catalog();
        let hint = self.hint_in(attempt.parameters);
        let asked = Asked {
            parameters: attempt.parameters,
            client: &client,
            catalog: &catalog,
            hint: hint.as_ref(),
        };
        let Some(destination) = check::destination(&asked) else {
            self.count_failure(attempt.origin, self.now())?;
            return Err(AuthorizeError::RedirectUri);
        };
        match self.answer(&asked, &destination, attempt).await {
            Err(AuthorizeError::Unavailable(cause)) => {
                Err(self.tell_failure(&asked, &destination, cause).await)
            }
            answered => answered,
        }
    }

    async fn answer(
        &self,
        asked: &Asked<'_>,
        destination: &Destination,
        attempt: Attempt<'_>,
    ) -> Result<Authorization, AuthorizeError> {
        let own = self.policy().issuer_audience();
        let own = own.ok_or_else(|| Unavailable::new("policy", "the issuer is no audience"))?;
        let checked = match attempt.objection {
            Some(objection) => Err(objection),
            None => check::request(asked, own),
        };
        match checked {
            Ok(request) => {
                let sound = Sound {
                    client: asked.client,
                    catalog: asked.catalog,
                    destination,
                    request: &request,
                };
                self.interact(&sound, attempt).await
            }
            Err(objection) => Ok(self.answer_fault(asked, destination, objection).await?),
        }
    }

    pub(super) fn hint_in(&self, parameters: &Parameters) -> Option<IdTokenHint> {
        self.read_id_token_hint(parameters.value("id_token_hint")?)
    }

    /// Who asks. Guessing names is limited like every other guessing.
    async fn asking_client(&self, attempt: &Attempt<'_>) -> Result<Client, AuthorizeError> {
        let found = match check::client_id(attempt.parameters) {
            Some(id) => self.named_client(&id, attempt.origin).await?,
            None => None,
        };
        match check::usable(found) {
            Some(client) => Ok(client),
            None => {
                self.count_failure(attempt.origin, self.now())?;
                Err(AuthorizeError::UnknownClient)
            }
        }
    }

    async fn interact(
        &self,
        sound: &Sound<'_>,
        attempt: Attempt<'_>,
    ) -> Result<Authorization, AuthorizeError> {
        let (request, now) = (sound.request, self.now());
        let standing = attempt.login.filter(|login| {
            let subject = self.subject(sound.client, login.user);
            !must_log_in(request, (login, &subject), attempt.resumed, now)
        });
        if let Some(login) = standing
            && let Some(answer) = self.answer_for(sound, login, &attempt).await?
        {
            return Ok(answer);
        }
        if request.prompt.none {
            return Ok(self.refuse(sound.destination, Objection::LoginRequired)?);
        }
        Ok(Authorization::LogIn(Waiting {
            ticket: self.ticket(&attempt, None)?,
            client_name: sound.client.name.clone(),
            redirect_uri: sound.destination.redirect_uri.clone(),
            login_hint: request.login_hint.clone(),
            ui_locales: request.ui_locales.clone(),
            display: request.display.clone(),
        }))
    }

    /// What comes next for a person who has logged in; `None`: the login is over after all.
    async fn answer_for(
        &self,
        sound: &Sound<'_>,
        login: &Login,
        attempt: &Attempt<'_>,
    ) -> Result<Option<Authorization>, AuthorizeError> {
        let (request, origin) = (sound.request, attempt.origin);
        let subject = self.subject(sound.client, login.user);
        if let Some(objection) = unmet(request, login, &subject) {
            return Ok(Some(self.refuse(sound.destination, objection)?));
        }
        match attempt.decision {
            Some(ConsentDecision::Deny) => self.deny(sound, login, origin).await.map(Some),
            Some(ConsentDecision::Allow) => self.grant(sound, login, true, attempt).await,
            None => {
                let store = &self.outside.store;
                let given = store.consent(login.user, &sound.client.id).await?;
                let uri = &sound.destination.redirect_uri;
                match must_consent(request, sound.client, uri, given.as_ref()) {
                    None => self.grant(sound, login, false, attempt).await,
                    Some(_) if request.prompt.none => Ok(Some(
                        self.refuse(sound.destination, Objection::ConsentRequired)?,
                    )),
                    Some(asking) => {
                        let Some(user) = store.by_id(login.user).await? else {
                            return Ok(None);
                        };
                        let ticket = self.ticket(attempt, Some(login.id))?;
                        let page = consent_page(sound, ticket, &user, &asking);
                        Ok(Some(Authorization::Consent(page)))
                    }
                }
            }
        }
    }

    /// A code, once for a request that was pushed.
    async fn grant(
        &self,
        sound: &Sound<'_>,
        login: &Login,
        decided: bool,
        attempt: &Attempt<'_>,
    ) -> Result<Option<Authorization>, AuthorizeError> {
        if !self.use_up(attempt.parameters).await? {
            let over = Objection::RequestUriOver;
            return Ok(Some(self.refuse(sound.destination, over)?));
        }
        self.issue_code(sound, login, decided, attempt.origin).await
    }

    fn ticket(
        &self,
        attempt: &Attempt<'_>,
        consent_of: Option<LoginId>,
    ) -> Result<String, Unavailable> {
        let ticket = Ticket {
            parameters: attempt.parameters.clone(),
            asked_at: attempt.resumed.unwrap_or(self.now()),
            consent_of,
        };
        ticket
            .seal(&self.secrets.ticket, self.random())
            .map_err(|_| Unavailable::new("ticket", "a request could not be sealed"))
    }
}

fn consent_page(sound: &Sound<'_>, ticket: String, user: &User, asking: &Asking) -> ConsentAsked {
    let Client {
        id,
        name,
        registration,
        ..
    } = sound.client;
    let api = sound.catalog.apis.get(&sound.request.audience);
    ConsentAsked {
        ticket,
        client: id.clone(),
        client_name: name.clone(),
        client_uri: registration.client_uri.clone(),
        logo_uri: registration.logo_uri.clone(),
        policy_uri: registration.policy_uri.clone(),
        tos_uri: registration.tos_uri.clone(),
        redirect_uri: sound.destination.redirect_uri.clone(),
        account: user.shown_name().to_owned(),
        scopes: readable(sound, asking),
        details: api.map_or_else(Vec::new, |api| sound.request.details.readable(api)),
    }
}

fn readable(sound: &Sound<'_>, asking: &Asking) -> Vec<(String, String)> {
    let api = sound.catalog.apis.get(&sound.request.audience);
    let of_api = |scope: &str| {
        let known = api.and_then(|api| api.scopes.get(&scope.parse().ok()?));
        known.cloned().unwrap_or_else(|| scope.to_owned())
    };
    let pairs = |scopes: &ScopeSet, says: &dyn Fn(&str) -> String| -> Vec<(String, String)> {
        let words = scopes.iter();
        words.map(|word| (word.to_owned(), says(word))).collect()
    };
    let openid = pairs(&asking.openid, &|scope| {
        openid_scope_says(scope).unwrap_or(scope).to_owned()
    });
    openid
        .into_iter()
        .chain(pairs(&asking.scope, &of_api))
        .collect()
}
