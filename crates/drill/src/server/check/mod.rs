//! The examinations, in order. What uses up the limits comes last.

mod admin;
mod browser;
mod connections;
mod discovery;
mod enumeration;
mod expiry;
mod forged;
mod guessing;
mod input;
mod logout;
mod refresh;
mod revocation;
mod rotation;
mod strangers;
mod transport;

use std::pin::Pin;

use super::range::Range;
use crate::CannotRun;
use crate::card::{Card, Outcome};

type Examination<'r> = Pin<Box<dyn Future<Output = Result<Outcome, CannotRun>> + 'r>>;

pub struct Check {
    pub card: &'static Card,
    pub examine: for<'r> fn(&'r Range) -> Examination<'r>,
}

macro_rules! checks {
    ($($card:path: $examine:path,)+) => {
        &[$(Check { card: &$card, examine: |range| Box::pin($examine(range)) }),+]
    };
}

pub const CHECKS: &[Check] = checks! {
    discovery::METADATA: discovery::names_itself,
    discovery::KEY_SET: discovery::publishes_public_keys,
    discovery::TOKEN: discovery::writes_good_tokens,
    transport::TLS: transport::is_encrypted,
    browser::HEADERS: browser::sends_headers,
    browser::CROSS_SITE: browser::refuses_other_sites,
    input::STRICT: input::reads_strictly,
    input::OVERSIZE: input::bounds_bodies,
    forged::FORGED: forged::refuses_forgeries,
    strangers::STRANGERS: strangers::refuses_without_token,
    admin::SCOPE: admin::demands_scopes,
    refresh::ROTATES: refresh::rotates,
    refresh::REPEAT: refresh::survives_a_lost_response,
    refresh::RACE: refresh::has_one_successor,
    refresh::THEFT: refresh::ends_the_session_of_a_thief,
    logout::REFRESH: logout::ends_refreshing,
    logout::ACCESS: logout::ends_access,
    revocation::LIST: revocation::is_listed,
    revocation::FEED: revocation::is_fed,
    expiry::EXPIRED: expiry::ends,
    rotation::ROTATION: rotation::goes_unnoticed,
    connections::SLOW: connections::slow_ones_harm_nobody,
    connections::CUT: connections::cut_ones_harm_nobody,
    enumeration::RECOVERY: enumeration::recovery_tells_nothing,
    enumeration::LOGIN: enumeration::login_tells_nothing,
    enumeration::TIMING: enumeration::login_takes_the_same_time,
    guessing::LIMITED: guessing::is_limited,
};
