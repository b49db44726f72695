//! How unlike the last use of a session a refresh is: a sum of points, each with its reason.
//!
//! People change networks all day and are taken elsewhere by their provider, so no single reason reaches a sensible threshold, and all
//! that an address can tell (network, country, travel) does nothing alone.

mod travel;

use std::fmt;
use std::net::IpAddr;

use crate::audit::Origin;
use crate::ports::Places;
use crate::session::{Session, user_agent};
use crate::{Period, Time};

pub use travel::{Country, Place, Position, Travel};

/// Access tokens live for minutes; who refreshes again sooner than this does not wait for them to expire.
const RUSH: Period = Period::secs(30);

/// What becomes of a refresh whose score reaches the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnomalyRules {
    pub threshold: u16,
    pub response: AnomalyResponse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnomalyResponse {
    /// Nothing is looked at.
    Off,
    /// It goes on, and the audit log says so.
    Record,
    /// It is refused, the session stands: the user has to log in again, or to refresh as before.
    StepUp,
    /// The session ends.
    End,
}

/// One use of a session.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub origin: &'a Origin,
    pub places: &'a dyn Places,
    pub at: Time,
}

/// What is unlike before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    reasons: Vec<AnomalyReason>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnomalyReason {
    /// Another /24 (IPv6: /48) than at the last use.
    Network,
    /// Another browser, or another program altogether.
    Agent,
    /// The same or another program on another operating system.
    System,
    /// Sooner after the last use than access tokens expire.
    Cadence,
    /// Another country.
    Country { from: Country, to: Country },
    /// So far away that nobody gets there in the time between.
    Travel(Travel),
}

impl AnomalyReason {
    pub const fn points(self) -> u16 {
        match self {
            AnomalyReason::Network => 25,
            AnomalyReason::Agent | AnomalyReason::System => 40,
            AnomalyReason::Cadence => 15,
            AnomalyReason::Country { .. } => 10,
            // With the network that is always another one as well, 55: an address alone never reaches 60.
            AnomalyReason::Travel(_) => 30,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            AnomalyReason::Network => "network",
            AnomalyReason::Agent => "agent",
            AnomalyReason::System => "system",
            AnomalyReason::Cadence => "cadence",
            AnomalyReason::Country { .. } => "country",
            AnomalyReason::Travel(_) => "travel",
        }
    }
}

impl AnomalyRules {
    pub const OFF: AnomalyRules = AnomalyRules {
        threshold: u16::MAX,
        response: AnomalyResponse::Off,
    };

    /// What is unlike before, if it is enough to count.
    pub fn notice(&self, session: &Session, seen: &Seen<'_>) -> Option<Anomaly> {
        if self.response == AnomalyResponse::Off {
            return None;
        }
        let anomaly = weigh(session, seen);
        (anomaly.score() >= self.threshold).then_some(anomaly)
    }
}

impl Anomaly {
    pub fn score(&self) -> u16 {
        self.reasons.iter().map(|reason| reason.points()).sum()
    }
}

/// For the audit entry: `score 65: network +25, agent +40`.
impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "score {}", self.score())?;
        for (i, reason) in self.reasons.iter().enumerate() {
            let sign = if i == 0 { ':' } else { ',' };
            write!(f, "{sign} {reason}")?;
        }
        Ok(())
    }
}

/// `agent +40`, `travel +30 (DE to US, 6400 km/h)`.
impl fmt::Display for AnomalyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} +{}", self.as_str(), self.points())?;
        match self {
            AnomalyReason::Network
            | AnomalyReason::Agent
            | AnomalyReason::System
            | AnomalyReason::Cadence => Ok(()),
            AnomalyReason::Country { from, to } => write!(f, " ({from} to {to})"),
            AnomalyReason::Travel(travel) => write!(f, " ({travel})"),
        }
    }
}

/// Compares with what the session's row remembers of its last use. What is not known on either side counts for nothing.
fn weigh(session: &Session, seen: &Seen<'_>) -> Anomaly {
    let Seen { origin, at, .. } = *seen;
    let mut reasons = Vec::new();
    if differ(session.address, origin.address, prefix) {
        reasons.push(AnomalyReason::Network);
        reasons.extend(travelled(session, seen));
    }
    let (before, after) = (session.device.as_deref(), origin.user_agent.as_deref());
    if differ(before, after, user_agent::family) {
        reasons.push(AnomalyReason::Agent);
    }
    if differ(before, after, user_agent::system) {
        reasons.push(AnomalyReason::System);
    }
    let has_refreshed = session.last_used_at > session.created_at;
    if has_refreshed && at.since(session.last_used_at) < RUSH {
        reasons.push(AnomalyReason::Cadence);
    }
    Anomaly { reasons }
}

/// Asked of addresses in different networks only: those of one are in one place.
fn travelled(session: &Session, seen: &Seen<'_>) -> Option<AnomalyReason> {
    let before = seen.places.place_of(session.address?)?;
    let after = seen.places.place_of(seen.origin.address?)?;
    travel::compare(before, after, seen.at.since(session.last_used_at))
}

fn differ<T, U: PartialEq>(before: Option<T>, after: Option<T>, of: impl Fn(T) -> U) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => of(before) != of(after),
        (None, _) | (_, None) => false,
    }
}

/// The network as providers hand it out: a /24, or a /48 of IPv6.
fn prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & (u32::MAX << 8)).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 80)).into()),
    }
}

#[cfg(test)]
mod tests;
