//! The connected verifiers in figures.

use keywright_domain::Issuer;
use keywright_domain::fleet::Verifier;
use keywright_http::metrics::FleetFigures;

/// What is told apart; everything else that verifiers refuse is `other`.
const REASONS: [&str; 8] = [
    "expired",
    "revoked",
    "stale",
    "suspended",
    "unknown_key",
    "key_revoked",
    "signature_invalid",
    "proof_replayed",
];
const OTHER: &str = "other";
const HOLDS: [&str; 4] = ["unprobed", "probe_failed", "lacking", "unknown_keys"];

pub fn figures(issuer: &Issuer) -> FleetFigures {
    let verifiers = issuer.connected();
    let head = issuer.feed().head();
    let held = issuer.held_keys();
    let held = |reason| {
        held.values()
            .filter(|doubt| doubt.as_str() == reason)
            .count() as u64
    };
    FleetFigures {
        connected: verifiers.len() as u64,
        lag: verifiers.iter().map(|v| v.lag(head)).max().unwrap_or(0),
        refused: refused(&verifiers),
        held: HOLDS.map(|reason| (reason, held(reason))).into(),
    }
}

fn refused(verifiers: &[Verifier]) -> Vec<(&'static str, u64)> {
    let sum = |code| verifiers.iter().map(|v| v.report.refused_for(code)).sum();
    let mut sums: Vec<(&'static str, u64)> = REASONS.map(|code| (code, sum(code))).into();
    let known: u64 = sums.iter().map(|(_, count)| count).sum();
    let all = verifiers
        .iter()
        .map(|v| v.report.verified() - v.report.accepted);
    sums.push((OTHER, all.sum::<u64>().saturating_sub(known)));
    sums
}
