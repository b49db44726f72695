//! What a session is.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::access::{Audience, AuthorizationDetails, ScopeSet};
use crate::account::User;
use crate::client::{Client, ClientId};
use crate::openid::ClaimsRequest;
use crate::status::StatusRef;
use crate::token::Binding;
use crate::{LoginId, SessionId, Time, UserId};

/// The state of a refresh-token family: one row per session, never a row per refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Random per session. With the server's key it gives the MAC of each refresh token of the family.
    pub salt: [u8; 16],
    /// The sequence number that is accepted next.
    pub current: u32,
    /// When the last few tokens were superseded, newest first: `superseded[0]` is when `current - 1` was.
    /// Only times inside the grace period matter, so the row stays short.
    pub superseded: Vec<Time>,
    /// A refresh pushes this forward.
    pub idle_until: Time,
    /// Nothing pushes this.
    pub absolute_until: Time,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub client: ClientId,
    pub audience: Audience,
    /// What was asked for at login, within what the API knows and the client is allowed. Each mint intersects it with the
    /// user's roles of that moment, so a role that is given or taken shows in the next token.
    pub scope: ScopeSet,
    /// Of OpenID Connect's own scopes, what was granted. No API knows them and no role grants them.
    pub openid: ScopeSet,
    /// Single claims that the client asked for beside them.
    pub claims: ClaimsRequest,
    /// What the person granted beyond scopes (RFC 9396).
    pub details: AuthorizationDetails,
    /// The browser's login that it was opened from.
    pub login: Option<LoginId>,
    pub family: Family,
    /// What must be proved to refresh it, if anything.
    pub binding: Option<Binding>,
    pub created_at: Time,
    /// When the user proved who they are: before the session was opened, if the browser was logged in already.
    pub authenticated_at: Time,
    pub last_used_at: Time,
    pub ended: Option<Ended>,
    /// The user agent of the last use, cut short.
    pub device: Option<String>,
    /// The address of the last use.
    pub address: Option<IpAddr>,
    /// RFC 8176 method references of the login.
    pub amr: Vec<String>,
    /// Where the status of its tokens is published. `None` for a session of an older release, until its next refresh.
    pub status: Option<StatusRef>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub at: Time,
    pub reason: EndReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    Logout,
    LogoutEverywhere,
    EndedByUser,
    EndedByAdmin,
    RefreshReused,
    PasswordChanged,
    UserDisabled,
    UserDeleted,
    ClientDisabled,
    /// The authorization code that opened it was presented again.
    CodeReused,
    /// The user took back what the client had been granted.
    ConsentWithdrawn,
    /// A refresh was too unlike the last use, and the policy says that this ends the session.
    Anomaly,
}

/// A session with those it stands on, read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub session: Session,
    pub user: User,
    pub client: Client,
    /// Its tokens have been marked as out of date: the next refresh gives it another entry, which is not.
    pub stale: bool,
}

impl EndReason {
    pub const ALL: [EndReason; 12] = [
        EndReason::Logout,
        EndReason::LogoutEverywhere,
        EndReason::EndedByUser,
        EndReason::EndedByAdmin,
        EndReason::RefreshReused,
        EndReason::PasswordChanged,
        EndReason::UserDisabled,
        EndReason::UserDeleted,
        EndReason::ClientDisabled,
        EndReason::CodeReused,
        EndReason::ConsentWithdrawn,
        EndReason::Anomaly,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            EndReason::Logout => "logout",
            EndReason::LogoutEverywhere => "logout_everywhere",
            EndReason::EndedByUser => "ended_by_user",
            EndReason::EndedByAdmin => "ended_by_admin",
            EndReason::RefreshReused => "refresh_reused",
            EndReason::PasswordChanged => "password_changed",
            EndReason::UserDisabled => "user_disabled",
            EndReason::UserDeleted => "user_deleted",
            EndReason::ClientDisabled => "client_disabled",
            EndReason::CodeReused => "code_reused",
            EndReason::ConsentWithdrawn => "consent_withdrawn",
            EndReason::Anomaly => "anomaly",
        }
    }
}

impl Session {
    /// The most that its tokens may carry.
    pub fn granted(&self) -> ScopeSet {
        self.scope.union(&self.openid)
    }

    /// Neither ended nor aged out.
    pub fn is_live(&self, now: Time) -> bool {
        self.ended.is_none() && now < self.family.idle_until && now < self.family.absolute_until
    }
}

impl Standing {
    /// The session is live and those it stands on may act.
    pub fn holds(&self, now: Time) -> bool {
        self.session.is_live(now) && self.user.is_active() && !self.client.disabled
    }
}
