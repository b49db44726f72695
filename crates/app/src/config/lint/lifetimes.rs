//! How long things live, and the keys that they hang on.

use keywright_domain::session::AnomalyReason;

use super::Findings;
use crate::config::{Config, Span};

const LONGEST_TOKEN: Span = Span::hours(1);

pub(super) fn keys(config: &Config, findings: &mut Findings) {
    findings.error(
        config.keys.algorithm.is_symmetric(),
        "keys.algorithm",
        "is symmetric: whoever verifies could also sign, and JWKS could serve nobody. Choose HS* for a single API if you must",
    );
}

pub(super) fn lifetimes(config: &Config, findings: &mut Findings) {
    let (tokens, sessions, keys) = (&config.tokens, &config.sessions, &config.keys);
    let logins = &config.logins;
    findings.error(
        tokens.longest > LONGEST_TOKEN,
        "tokens.longest",
        "is over an hour: access tokens would outlive every change of roles and keys",
    );
    findings.error(
        tokens.access > tokens.longest,
        "tokens.access",
        "is longer than tokens.longest",
    );
    findings.error(
        tokens.access < Span::secs(1),
        "tokens.access",
        "is shorter than a second: tokens would be born dead",
    );
    findings.error(
        tokens.status_ttl < Span::secs(1),
        "tokens.status_ttl",
        "is shorter than a second, which no cache can obey",
    );
    findings.warning(
        tokens.status_ttl > tokens.access,
        "tokens.status_ttl",
        "is longer than tokens.access: a token dies before a verifier that polls hears of its end",
    );
    findings.error(
        sessions.idle < tokens.access,
        "sessions.idle",
        "is shorter than tokens.access: sessions would end before their first refresh",
    );
    findings.warning(
        sessions.idle > sessions.absolute,
        "sessions.idle",
        "is longer than sessions.absolute and never takes effect",
    );
    findings.error(
        logins.idle < Span::minutes(1),
        "logins.idle",
        "is shorter than a minute: people would be logged out while they read",
    );
    findings.warning(
        logins.idle > logins.absolute,
        "logins.idle",
        "is longer than logins.absolute and never takes effect",
    );
    findings.error(
        logins.administration < Span::minutes(1),
        "logins.administration",
        "is shorter than a minute: the console would ask for the password at every turn",
    );
    findings.warning(
        logins.administration > Span::hours(12),
        "logins.administration",
        "is over twelve hours: whoever finds the browser of an administrator open the next day has the console",
    );
    findings.error(
        sessions.grace > Span::minutes(5),
        "sessions.grace",
        "is over five minutes, which lets a stolen refresh token work beside its owner for that long",
    );
    findings.warning(
        sessions.grace > Span::minutes(1),
        "sessions.grace",
        "is over a minute, which delays the detection of theft; lost responses and racing tabs need seconds",
    );
    findings.error(
        sessions.anomaly_threshold <= AnomalyReason::Network.points(),
        "sessions.anomaly_threshold",
        "is no more than what another network counts: people change networks all day",
    );
    findings.error(
        keys.rotation.0.as_millis() < keys.jwks_max_age.0.as_millis().saturating_mul(2),
        "keys.rotation",
        "is shorter than twice keys.jwks_max_age: no key could be known to all verifiers before it signs",
    );
    findings.error(
        keys.jwks_max_age < Span::secs(60),
        "keys.jwks_max_age",
        "is under a minute: verifiers that poll no faster than that would meet keys that they do not know",
    );
}
