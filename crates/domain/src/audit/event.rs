//! What happened. Identifiers only: no name, e-mail address or secret enters the log (invariant 9).

use std::fmt;
use std::net::IpAddr;

use crate::account::{Letter, Link};
use crate::client::ClientId;
use crate::{SessionId, Time, UserId};

/// Where a request came from, as far as the trusted proxies tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub address: Option<IpAddr>,
    /// The user agent, cut to 256 characters.
    pub user_agent: Option<String>,
}

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody has proved who they are yet.
    Anonymous,
    User(UserId),
    Client(ClientId),
    /// Somebody at the command line of the server.
    Operator,
    /// The issuer itself: a schedule, a limit, a detection.
    Issuer,
}

macro_rules! kinds {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// `area.thing.verb`; the names are a stable interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind { $($variant),+ }

        impl EventKind {
            pub const ALL: &'static [EventKind] = &[$(EventKind::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(EventKind::$variant => $name),+ }
            }
        }
    };
}

kinds! {
    AccountRegistered = "account.user.registered",
    AccountRegistrationRepeated = "account.user.registration_repeated",
    AccountCreated = "account.user.created",
    AccountDisabled = "account.user.disabled",
    AccountEnabled = "account.user.enabled",
    AccountDeleted = "account.user.deleted",
    AccountRolesChanged = "account.roles.changed",
    EmailVerified = "account.email.verified",
    EmailVerificationRequested = "account.email.verification_requested",
    AccountProfileChanged = "account.profile.changed",
    LoginSucceeded = "account.login.succeeded",
    LoginFailed = "account.login.failed",
    LoginEnded = "account.login.ended",
    PasswordChanged = "account.password.changed",
    PasswordRecoveryRequested = "account.password.recovery_requested",
    PasswordReset = "account.password.reset",
    SessionEnded = "session.ended",
    SessionsEnded = "session.all_ended",
    DeviceAllowed = "device.request.allowed",
    DeviceDenied = "device.request.denied",
    SessionOpened = "session.opened",
    AuthorizationGranted = "authorization.granted",
    AuthorizationDenied = "authorization.denied",
    CodeReused = "authorization.code.reused",
    ConsentGiven = "authorization.consent.given",
    ConsentWithdrawn = "authorization.consent.withdrawn",
    TokensRevoked = "token.query.revoked",
    RefreshReused = "session.refresh.reused",
    RefreshRecovered = "session.refresh.recovered",
    RefreshAnomalous = "session.refresh.anomalous",
    RefreshStepUp = "session.refresh.step_up_required",
    RefreshEnded = "session.refresh.ended_as_anomalous",
    ClientCreated = "client.created",
    ClientChanged = "client.changed",
    ClientDeleted = "client.deleted",
    ClientRegistered = "client.self.registered",
    ClientManaged = "client.self.changed",
    ClientWithdrawn = "client.self.deleted",
    ClientDocumentRead = "client.document.read",
    ClientForgotten = "client.self.forgotten",
    InitialAccessGranted = "client.initial_access.granted",
    InitialAccessRevoked = "client.initial_access.revoked",
    ClientAuthenticationFailed = "client.authentication.failed",
    TrustRefused = "trust.token.refused",
    ApiChanged = "access.api.changed",
    ApiDeleted = "access.api.deleted",
    RoleChanged = "access.role.changed",
    RoleDeleted = "access.role.deleted",
    ClaimsRefused = "token.claims.refused",
    KeyGenerated = "keys.key.generated",
    KeyPublished = "keys.key.published",
    KeyActivated = "keys.key.activated",
    KeyRetiring = "keys.key.retiring",
    KeyRetired = "keys.key.retired",
    KeyRevoked = "keys.key.revoked",
    KeyExported = "keys.key.exported",
    KeyLent = "keys.key.lent",
    KeyHeld = "keys.key.held",
    KeyForced = "keys.key.forced",
    FleetAnomaly = "fleet.anomaly.detected",
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: Time,
    pub kind: EventKind,
    pub actor: Actor,
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub client: Option<ClientId>,
    pub address: Option<IpAddr>,
    /// A constant or an identifier (a role, a key id, a reason); never free text of a caller.
    pub detail: Option<String>,
}

/// What a write leaves behind besides its own row, all in one transaction: audit events, letters to send, one-time links, the
/// records of tokens, and what verifiers are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    pub events: Vec<Event>,
    pub letters: Vec<Letter>,
    pub links: Vec<Link>,
    /// Tokens that leave once this is durable.
    pub minted: Vec<crate::ledger::Entry>,
    /// What verifiers are told. Ends of sessions are added by the store, which alone knows whom a write has ended.
    pub feed: Vec<crate::feed::Event>,
}

impl Event {
    pub fn new(kind: EventKind, actor: Actor, at: Time) -> Self {
        Self {
            at,
            kind,
            actor,
            user: None,
            session: None,
            client: None,
            address: None,
            detail: None,
        }
    }

    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    #[must_use]
    pub fn client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }

    #[must_use]
    pub fn from(mut self, origin: &Origin) -> Self {
        self.address = origin.address;
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }
}

impl From<Event> for Effects {
    fn from(event: Event) -> Self {
        Effects {
            events: vec![event],
            ..Effects::default()
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Anonymous => f.write_str("anonymous"),
            Actor::User(id) => write!(f, "user:{id}"),
            Actor::Client(id) => write!(f, "client:{id}"),
            Actor::Operator => f.write_str("operator"),
            Actor::Issuer => f.write_str("issuer"),
        }
    }
}
