//! What becomes of a presented refresh token. Pure: the store calls [`decide`] on what it read and makes the answer atomic.
//!
//! Ordinary rotation logs people out when a response is lost or two tabs race; a grace window that mints a second branch
//! weakens theft detection. Here a superseded token presented inside the grace time gets **the current token again**: one
//! branch, always. Outside it, a superseded token proves that two parties hold the family, and the session dies.

use std::sync::Arc;

use crate::access::{Audience, AuthorizationDetails, ScopeSet};
use crate::account::{Letter, LetterKind};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{Client, ClientId, ClientKind, Grant};
use crate::keys::MacKey;
use crate::ports::Places;
use crate::session::{
    Anomaly, AnomalyResponse, AnomalyRules, EndReason, Ended, Family, RefreshToken, Seen, Session,
    Standing,
};
use crate::status::StatusRef;
use crate::token::Binding;
use crate::{Period, Time};

/// A session whose row does not change is put on record as anomalous once in this time: whoever holds its token could fill the audit log.
pub const ON_RECORD_ONCE_IN: Period = Period::hours(1);
/// How many supersessions a row remembers.
pub const REMEMBERED: usize = 8;

/// How sessions age and how forgiving rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRules {
    /// How long a superseded token still gets the current one again. Zero is strict.
    pub grace: Period,
    /// A session dies when it is not refreshed for this long.
    pub idle: Period,
    /// What a refresh that is unlike the last one comes to.
    pub anomaly: AnomalyRules,
}

/// A refresh token with what came along.
#[derive(Clone, Debug)]
pub struct Presented {
    pub token: RefreshToken,
    /// The server key of the token's version.
    pub key: Arc<MacKey>,
    pub by: PresentedBy,
    /// What the request proved to hold: a key (RFC 9449) or a certificate (RFC 8705).
    pub binding: Option<Binding>,
    /// The API that the request names (RFC 8707 §2.2). A session has one, so it must be that.
    pub audience: Option<Audience>,
    /// What the new access token should carry at most; it must lie within the session's scope (RFC 6749 §6).
    pub scope: Option<ScopeSet>,
    /// What the new access token should carry of what the session was granted beyond scopes.
    pub details: Option<AuthorizationDetails>,
    pub origin: Origin,
    /// Where the addresses of this use and of the last are.
    pub places: Arc<dyn Places>,
    /// An entry of a status list that nobody has. The session takes it if its tokens were marked as stale, or if it has none.
    pub spare: StatusRef,
}

impl Presented {
    fn seen(&self, at: Time) -> Seen<'_> {
        Seen {
            origin: &self.origin,
            places: &*self.places,
            at,
        }
    }
}

/// Who presents: the token must belong to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentedBy {
    /// The identity API, whose clients are public and first-party: the token itself is all that they can show.
    FirstParty,
    /// A client that authenticated, or a public one that named itself, at the token endpoint.
    Client(ClientId),
}

/// The answer to one presentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is the current token: write this family, guarded by the sequence that was read.
    Rotate(Family),
    /// The same, of a client whose token stays: write this family, in which it is still the current one.
    Keep(Family),
    /// It is ahead of the row: a rotation was acknowledged, then lost by a disk or a lagging replica. Write this family.
    Recover(Family),
    /// It was superseded just now: hand out the current token again and write nothing.
    Repeat,
    /// It is an old token: end the session.
    Reuse,
    /// It would count, but it is so unlike the last use that the user has to log in again. The session is left as it is.
    StepUp(Anomaly),
    /// The same, and the policy says to end the session.
    EndAsAnomalous(Anomaly),
    /// It does not count; the session is left as it is.
    Refuse(Refused),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refused {
    #[error("no such session")]
    Unknown,
    #[error("the MAC does not match: forged, or of another issuer")]
    Forged,
    #[error("the session has ended")]
    Ended,
    #[error("the session is older than its idle or absolute lifetime")]
    Expired,
    #[error("the token belongs to another client")]
    OtherClient,
    #[error("the session is bound to a key, and possession of that key was not proved")]
    ProofKey,
    #[error("the user is disabled")]
    UserDisabled,
    #[error("the client is disabled")]
    ClientDisabled,
    /// Refused before the token is spent, as are the next two: a mistyped request must not cost the session.
    #[error("the session is for another API")]
    OtherAudience,
    #[error("the scope goes beyond what the session was granted")]
    ScopeExceeded,
    #[error("the authorization details are not among those that the session was granted")]
    DetailsExceeded,
}

/// What the store answers, after the decision is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The session stands, and `session.family.current` is the sequence to hand out.
    Current {
        standing: Box<Standing>,
        how: Continued,
        /// Whether it was unlike the last use, and the policy only records that.
        noticed: bool,
    },
    /// Theft: the session has been ended now.
    Reused(Box<Session>),
    /// Refused as unlike the last use.
    StepUp,
    /// The session has been ended now as unlike its last use.
    EndedAsAnomalous(Box<Session>),
    Refused(Refused),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Continued {
    Rotated,
    Kept,
    Repeated,
    Recovered,
}

/// Decides on one presentation, given the session as read. The order of the checks is part of the rule: who cannot
/// prove to hold a token of this family learns nothing and changes nothing.
pub fn decide(
    standing: &Standing,
    presented: &Presented,
    rules: &RefreshRules,
    now: Time,
) -> Decision {
    let Standing {
        session,
        user,
        client,
        stale: _,
    } = standing;
    let refused = if !presented
        .token
        .is_authentic(&session.family.salt, &presented.key)
    {
        Some(Refused::Forged)
    } else if !presented.by.may_present(client) {
        Some(Refused::OtherClient)
    } else if session.binding.is_some() && session.binding != presented.binding {
        Some(Refused::ProofKey)
    } else if session.ended.is_some() {
        Some(Refused::Ended)
    } else if !session.is_live(now) {
        Some(Refused::Expired)
    } else if !user.is_active() {
        Some(Refused::UserDisabled)
    } else if client.disabled {
        Some(Refused::ClientDisabled)
    } else if presented
        .audience
        .as_ref()
        .is_some_and(|named| *named != session.audience)
    {
        Some(Refused::OtherAudience)
    } else if presented
        .scope
        .as_ref()
        .is_some_and(|wanted| !wanted.without(&session.granted()).is_empty())
    {
        Some(Refused::ScopeExceeded)
    } else if presented
        .details
        .as_ref()
        .is_some_and(|wanted| !session.details.cover(wanted))
    {
        Some(Refused::DetailsExceeded)
    } else {
        None
    };
    if let Some(reason) = refused {
        return Decision::Refuse(reason);
    }
    let mut decision = advance(&session.family, presented.token.sequence, rules, now);
    if client.registration.keeps_refresh_tokens()
        && let Decision::Rotate(next) = &decision
    {
        decision = Decision::Keep(Family {
            idle_until: next.idle_until,
            ..session.family.clone()
        });
    }
    // Theft ends the session, wherever it comes from.
    if matches!(decision, Decision::Reuse) {
        return decision;
    }
    resist(session, presented, rules, now).unwrap_or(decision)
}

impl Rotation {
    /// Whether the session's tokens are under this entry from now on.
    pub fn has_taken(&self, entry: StatusRef) -> bool {
        match self {
            Rotation::Current { standing, .. } => standing.session.status == Some(entry),
            Rotation::Reused(_)
            | Rotation::StepUp
            | Rotation::EndedAsAnomalous(_)
            | Rotation::Refused(_) => false,
        }
    }
}

impl PresentedBy {
    fn may_present(&self, owner: &Client) -> bool {
        match self {
            PresentedBy::FirstParty => {
                owner.kind == ClientKind::Public && owner.grants.contains(&Grant::Login)
            }
            PresentedBy::Client(id) => *id == owner.id,
        }
    }
}

/// What the policy sets against a refresh that is unlike the last use. Only now, since who holds no token of the family
/// must not be able to end its session from elsewhere.
fn resist(
    session: &Session,
    presented: &Presented,
    rules: &RefreshRules,
    now: Time,
) -> Option<Decision> {
    let anomaly = rules.anomaly.notice(session, &presented.seen(now))?;
    match rules.anomaly.response {
        AnomalyResponse::Off | AnomalyResponse::Record => None,
        AnomalyResponse::StepUp => Some(Decision::StepUp(anomaly)),
        AnomalyResponse::End => Some(Decision::EndAsAnomalous(anomaly)),
    }
}

/// The heart of it: an authentic token of a live session, by its place in the sequence.
fn advance(family: &Family, sequence: u32, rules: &RefreshRules, now: Time) -> Decision {
    let recent = |at: &&Time| rules.grace > Period::ZERO && now.since(**at) <= rules.grace;
    let Some(behind) = family.current.checked_sub(sequence) else {
        return Decision::Recover(moved(
            family,
            sequence,
            recovered_times(family, sequence, now),
            rules,
            now,
        ));
    };
    if behind == 0 {
        let mut superseded = vec![now];
        superseded.extend(family.superseded.iter().filter(recent));
        if superseded.len() > REMEMBERED {
            // So many rotations inside one grace time that the row could not remember them all, and a forgotten one
            // would look like theft. The caller holds the current token, so handing it out again loses nothing.
            return Decision::Repeat;
        }
        return Decision::Rotate(moved(family, sequence, superseded, rules, now));
    }
    let superseded_at = usize::try_from(behind - 1)
        .ok()
        .and_then(|i| family.superseded.get(i));
    if superseded_at.filter(recent).is_some() {
        Decision::Repeat
    } else {
        Decision::Reuse
    }
}

/// When the tokens up to `sequence` were superseded, of which the row knows nothing: now, so that a retry with one of them that
/// is still under way is no theft.
fn recovered_times(family: &Family, sequence: u32, now: Time) -> Vec<Time> {
    let lost = sequence.saturating_sub(family.current).saturating_add(1);
    let lost = usize::try_from(lost).unwrap_or(usize::MAX);
    let known = family.superseded.iter().copied();
    std::iter::repeat_n(now, lost.min(REMEMBERED))
        .chain(known)
        .take(REMEMBERED)
        .collect()
}

fn moved(
    family: &Family,
    presented: u32,
    superseded: Vec<Time>,
    rules: &RefreshRules,
    now: Time,
) -> Family {
    Family {
        salt: family.salt,
        current: presented.saturating_add(1),
        superseded,
        idle_until: now + rules.idle,
        absolute_until: family.absolute_until,
    }
}

/// The session as theft leaves it, and what the log and the owner are told.
pub fn end_for_reuse(standing: &Standing, presented: &Presented, now: Time) -> (Ended, Effects) {
    let Standing { session, user, .. } = standing;
    let event = event(EventKind::RefreshReused, standing, presented, now).detail(format_args!(
        "sequence {} presented, {} is current",
        presented.token.sequence, session.family.current
    ));
    let letter = Letter {
        // A session ends for reuse once, so its id names the one letter about it.
        id: *session.id.as_bytes(),
        to: user.email.clone(),
        user: Some(user.id),
        kind: LetterKind::TheftDetected,
        created_at: now,
    };
    let effects = Effects {
        letters: vec![letter],
        ..event.into()
    };
    (
        Ended {
            at: now,
            reason: EndReason::RefreshReused,
        },
        effects,
    )
}

/// The session as an anomaly ends it, and what the log is told.
pub fn end_as_anomalous(
    standing: &Standing,
    presented: &Presented,
    anomaly: &Anomaly,
    now: Time,
) -> (Ended, Effects) {
    let ended = Ended {
        at: now,
        reason: EndReason::Anomaly,
    };
    let kind = EventKind::RefreshEnded;
    (ended, anomalous(kind, standing, presented, anomaly, now))
}

/// What the log is told of a refresh that was refused as unlike the last use.
pub fn stepped_up(
    standing: &Standing,
    presented: &Presented,
    anomaly: &Anomaly,
    now: Time,
) -> Effects {
    let kind = EventKind::RefreshStepUp;
    anomalous(kind, standing, presented, anomaly, now)
}

/// Every reason with its points.
fn anomalous(
    kind: EventKind,
    standing: &Standing,
    presented: &Presented,
    anomaly: &Anomaly,
    now: Time,
) -> Effects {
    event(kind, standing, presented, now).detail(anomaly).into()
}

/// What the log is told when a session goes on: that the row was behind the client, and that this use is unlike the last.
pub fn continued(
    standing: &Standing,
    presented: &Presented,
    how: Continued,
    rules: &RefreshRules,
    now: Time,
) -> Effects {
    let seen = presented.seen(now);
    let noticed = rules.anomaly.notice(&standing.session, &seen);
    let mut effects = noticed.map_or_else(Effects::default, |anomaly| {
        let kind = EventKind::RefreshAnomalous;
        anomalous(kind, standing, presented, &anomaly, now)
    });
    if how == Continued::Recovered {
        let recovered = event(EventKind::RefreshRecovered, standing, presented, now);
        effects.events.push(recovered);
    }
    effects
}

fn event(kind: EventKind, standing: &Standing, presented: &Presented, now: Time) -> Event {
    Event::new(kind, Actor::Issuer, now)
        .user(standing.user.id)
        .session(standing.session.id)
        .client(&standing.client.id)
        .from(&presented.origin)
}

#[cfg(test)]
mod tests;
