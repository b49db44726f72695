//! Logging in at the issuer's own page.

use crate::account::{LoginName, PresentedPassword, ProofRefused, User};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::login::Login;
use crate::secret::{HashedSecret, PlainSecret};
use crate::{Issuer, LoginId, Time};

#[derive(Clone, Debug)]
pub struct LogInBrowser {
    pub name: LoginName,
    pub password: PlainSecret,
    pub origin: Origin,
    /// The login that the browser has at present. It ends: a login is never continued under another proof.
    pub replaces: Option<LoginId>,
}

impl Issuer {
    /// A new login, and the value of its cookie. Sessions of the login that it replaces come along if they are the same person's, and
    /// end as by logging out if they are not.
    pub async fn log_in_browser(
        &self,
        attempt: LogInBrowser,
    ) -> Result<(Login, PlainSecret), ProofRefused> {
        let now = self.now();
        let presented = PresentedPassword {
            name: &attempt.name,
            password: &attempt.password,
            client: None,
            origin: &attempt.origin,
        };
        let user = self.prove_by_password(presented, now).await?;
        let (login, cookie) = self.new_login(&user, &attempt.origin, now);
        let event = Self::logged_in(&login, &attempt.origin);
        let opened = self
            .outside
            .store
            .open_login(&login, user.epoch, attempt.replaces, &event.into())
            .await?;
        if opened {
            Ok((login, cookie))
        } else {
            // Disabled, deleted or given another password since it was read, a moment ago.
            Err(ProofRefused::Refused)
        }
    }

    /// A login that is not stored yet.
    pub(super) fn new_login(
        &self,
        user: &User,
        origin: &Origin,
        now: Time,
    ) -> (Login, PlainSecret) {
        let policy = self.policy().logins;
        let id = LoginId::new(now, self.random());
        let cookie = self.new_cookie(id);
        let expires_at = now + policy.absolute;
        let login = Login {
            id,
            user: user.id,
            secret: HashedSecret::of(&cookie),
            amr: vec!["pwd".to_owned()],
            authenticated_at: now,
            idle_until: (now + policy.idle).min(expires_at),
            expires_at,
            ended: None,
            device: origin.user_agent.clone(),
            address: origin.address,
            created_at: now,
        };
        (login, cookie)
    }

    pub(super) fn logged_in(login: &Login, origin: &Origin) -> Event {
        let (at, user) = (login.created_at, login.user);
        Event::new(EventKind::LoginSucceeded, Actor::User(user), at)
            .user(user)
            .from(origin)
            .detail(login.id)
    }
}
