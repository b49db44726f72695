//! A request that comes back from a page.

use crate::Issuer;
use crate::audit::Origin;
use crate::authorize::authorize::Attempt;
use crate::authorize::ticket::Ticket;
use crate::authorize::{Authorization, AuthorizeError};
use crate::login::Login;

/// What the person said on the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentDecision {
    Allow,
    Deny,
}

impl Issuer {
    /// Goes on with the request in `ticket`, which the page carried, now that the person has logged in or decided. It is checked
    /// again as it was sent: its client may have changed meanwhile.
    ///
    /// A decision counts for the login that it was asked of. If another person has logged in since, that person is asked anew.
    pub async fn resume(
        &self,
        ticket: &str,
        login: Option<&Login>,
        decision: Option<ConsentDecision>,
        origin: &Origin,
    ) -> Result<Authorization, AuthorizeError> {
        let ticket = Ticket::open(ticket, &self.secrets.ticket, self.now())
            .map_err(|_| AuthorizeError::Expired)?;
        let login_id = login.map(|login| login.id);
        let asked_of_this = login_id.is_some() && ticket.consent_of == login_id;
        let attempt = Attempt {
            parameters: &ticket.parameters,
            objection: None,
            login,
            resumed: Some(ticket.asked_at),
            decision: decision.filter(|_| asked_of_this),
            origin,
        };
        self.consider(attempt).await
    }
}
