//! From a client's request to the end of a login, or to a page that asks the person first.

use crate::audit::Origin;
use crate::authorize::Parameters;
use crate::client::Client;
use crate::limit::Limited;
use crate::login::Login;
use crate::logout::request::{asking, check_repeated, way_back};
use crate::logout::ticket::Ticket;
use crate::logout::{FrontChannel, LogoutRefused, WayBack};
use crate::openid::IdTokenHint;
use crate::{Issuer, Unavailable};

/// What comes next.
#[derive(Clone, Debug)]
pub enum Logout {
    /// The person has to say that they want it: any site can send a browser here.
    Confirm(LogoutAsked),
    /// Nobody is logged in with this browser.
    Over(LoggedOut),
}

/// What the person must know to decide.
#[derive(Clone, Debug)]
pub struct LogoutAsked {
    /// Comes back with the decision.
    pub ticket: String,
    /// Who is logged in.
    pub account: String,
    pub client_name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedOut {
    pub way_back: Option<WayBack>,
    /// What the page loads before.
    pub front_channel: Vec<FrontChannel>,
}

/// Told to the person, and never to the client by redirect (RP-Initiated Logout §4).
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    #[error("the parameter {name} {0}", name = .0.parameter())]
    Refused(#[from] LogoutRefused),
    #[error("the page has expired, or was not made here")]
    Expired,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A request that was understood.
struct Understood {
    hint: Option<IdTokenHint>,
    client: Option<Client>,
    way_back: Option<WayBack>,
}

impl Issuer {
    /// What becomes of a request to log out of a browser that has this login, or none.
    ///
    /// An ID token of the person who is logged in shows that the request comes from a client of theirs. It ends what belongs to this
    /// browser's cookie and nothing else: ID tokens lie in logs and addresses, and whoever finds one must not be able to end a session
    /// elsewhere with it.
    pub async fn request_logout(
        &self,
        parameters: &Parameters,
        login: Option<&Login>,
        origin: &Origin,
    ) -> Result<Logout, LogoutError> {
        let understood = self.understand_logout(parameters, origin).await?;
        let Some(login) = login else {
            return Ok(Logout::Over(understood.over()));
        };
        if self.is_meant(&understood, login).await? {
            return Ok(Logout::Over(self.leave(understood, login, origin).await?));
        }
        let Some(user) = self.outside.store.by_id(login.user).await? else {
            return Ok(Logout::Over(understood.over()));
        };
        Ok(Logout::Confirm(LogoutAsked {
            ticket: self.logout_ticket(parameters)?,
            account: user.shown_name().to_owned(),
            client_name: understood.client.map(|client| client.name),
        }))
    }

    /// Goes on with the request in `ticket`, now that the person has said that they want it.
    pub async fn confirm_logout(
        &self,
        ticket: &str,
        login: Option<&Login>,
        origin: &Origin,
    ) -> Result<LoggedOut, LogoutError> {
        let parameters = self.logout_parameters(ticket)?;
        let understood = self.understand_logout(&parameters, origin).await?;
        match login {
            Some(login) => self.leave(understood, login, origin).await,
            None => Ok(understood.over()),
        }
    }

    /// The button on our own page.
    pub async fn log_out_here(
        &self,
        login: &Login,
        origin: &Origin,
    ) -> Result<LoggedOut, Unavailable> {
        let told = self.log_out_browser(login, None, origin).await?;
        Ok(LoggedOut {
            way_back: None,
            front_channel: self.front_channel(told).await?,
        })
    }

    /// A request, sealed for its way through the browser.
    pub fn logout_ticket(&self, parameters: &Parameters) -> Result<String, Unavailable> {
        let ticket = Ticket {
            parameters: parameters.clone(),
            asked_at: self.now(),
        };
        ticket
            .seal(&self.secrets.ticket, self.random())
            .map_err(|_| Unavailable::new("ticket", "a request could not be sealed"))
    }

    /// What was sealed by [`logout_ticket`](Issuer::logout_ticket).
    pub fn logout_parameters(&self, ticket: &str) -> Result<Parameters, LogoutError> {
        Ticket::open(ticket, &self.secrets.ticket, self.now())
            .map(|ticket| ticket.parameters)
            .map_err(|_| LogoutError::Expired)
    }

    /// Guessing clients and addresses is limited like every other guessing.
    async fn understand_logout(
        &self,
        parameters: &Parameters,
        origin: &Origin,
    ) -> Result<Understood, LogoutError> {
        match self.read_logout(parameters).await? {
            Ok(understood) => Ok(understood),
            Err(refused) => {
                self.count_failure(origin, self.now())?;
                Err(refused.into())
            }
        }
    }

    async fn read_logout(
        &self,
        parameters: &Parameters,
    ) -> Result<Result<Understood, LogoutRefused>, Unavailable> {
        if let Err(refused) = check_repeated(parameters) {
            return Ok(Err(refused));
        }
        let hint = match parameters.value("id_token_hint") {
            None => None,
            Some(text) => match self.read_id_token_hint(text) {
                None => return Ok(Err(LogoutRefused::Hint)),
                read => read,
            },
        };
        let client = match asking(parameters, hint.as_ref()) {
            Err(refused) => return Ok(Err(refused)),
            Ok(None) => None,
            Ok(Some(id)) => {
                let found = self.outside.store.client(&id).await?;
                let Some(client) = found.filter(|client| !client.disabled) else {
                    return Ok(Err(LogoutRefused::UnknownClient));
                };
                Some(client)
            }
        };
        Ok(
            way_back(parameters, client.as_ref()).map(|way_back| Understood {
                hint,
                client,
                way_back,
            }),
        )
    }

    /// Whether the request shows that it is about this very login.
    async fn is_meant(&self, asked: &Understood, login: &Login) -> Result<bool, Unavailable> {
        let (Some(hint), Some(client)) = (&asked.hint, &asked.client) else {
            return Ok(false);
        };
        if self.subject(client, login.user) == hint.subject {
            return Ok(true);
        }
        // A pairwise client may know the person by another name since it moved; the session is the same.
        let standing = self.outside.store.standing(hint.session).await?;
        Ok(standing.is_some_and(|standing| standing.session.login == Some(login.id)))
    }

    async fn leave(
        &self,
        asked: Understood,
        login: &Login,
        origin: &Origin,
    ) -> Result<LoggedOut, LogoutError> {
        let client = asked.client.as_ref().map(|client| &client.id);
        let told = self.log_out_browser(login, client, origin).await?;
        Ok(LoggedOut {
            front_channel: self.front_channel(told).await?,
            ..asked.over()
        })
    }
}

impl Understood {
    fn over(self) -> LoggedOut {
        LoggedOut {
            way_back: self.way_back,
            front_channel: Vec::new(),
        }
    }
}
