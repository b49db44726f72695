//! People, their passwords, and what limits strangers.

use super::Findings;
use crate::config::{Config, EmailVerification, Names, RegistrationMode, TrustedIssuer};
use keywright_domain::Period;

/// Argon2id parameters of equal strength (OWASP Password Storage Cheat Sheet): at least one row must be reached.
const HASH_FLOOR: [(u32, u32); 5] = [
    (47_104, 1),
    (19_456, 2),
    (12_288, 3),
    (9_216, 4),
    (7_168, 5),
];

pub(super) fn accounts(config: &Config, findings: &mut Findings) {
    let (accounts, passwords, limits) = (&config.accounts, &config.passwords, &config.limits);
    findings.warning(
        accounts.email_verification == EmailVerification::Optional,
        "accounts.email_verification",
        "is optional: whoever registers an address and logs in at once learns whether it had an account",
    );
    let registration = &config.registration;
    findings.error(
        registration.unused.0 < Period::days(1),
        "registration.unused",
        "is below a day: people come back later than that",
    );
    findings.warning(
        registration.mode == RegistrationMode::Open && registration.scopes.is_empty(),
        "registration.scopes",
        "names no API, so clients that register themselves can only ask who somebody is",
    );
    let by_name = |trusted: &TrustedIssuer| trusted.names == Names::Username;
    findings.warning(
        accounts.registration && config.trusted_issuers.iter().any(by_name),
        "trusted_issuers.names",
        "is username while strangers register: whoever takes a name here first gets the sessions of the one who has it there",
    );
    let shared = |trusted: &TrustedIssuer| trusted.secret.is_some();
    findings.warning(
        config.trusted_issuers.iter().any(shared),
        "trusted_issuers.secret",
        "is kept by both sides: whoever checks tokens with it there can make them for anybody here",
    );
    findings.error(
        accounts.password_strength > 4,
        "accounts.password_strength",
        "is a zxcvbn score: expected 0 to 4",
    );
    findings.warning(
        accounts.password_strength < 3,
        "accounts.password_strength",
        "is below 3, which lets guessable passwords in",
    );
    let strong = HASH_FLOOR
        .iter()
        .any(|(memory, passes)| passwords.memory >= *memory && passwords.passes >= *passes);
    findings.error(
        !strong,
        "passwords.memory",
        "is below OWASP's parameters for Argon2id: expected at least 19456 KiB with 2 passes (or 47104 with 1, 12288 with 3)",
    );
    findings.error(
        passwords.memory > 1024 * 1024 || passwords.passes > 16,
        "passwords.memory",
        "or passes is so high that each login would cost more than a gigabyte or 16 passes",
    );
    findings.error(
        passwords.queue == 0,
        "passwords.queue",
        "must be at least 1: nobody could log in",
    );
    let bursts = [
        limits.account_burst,
        limits.address_burst,
        limits.letter_burst,
    ];
    findings.error(
        bursts.contains(&0),
        "limits",
        "have a burst of 0, which would refuse everybody",
    );
    findings.error(
        config.listen.max_connections == 0,
        "listen.max_connections",
        "must be at least 1",
    );
    findings.error(
        config.database.pool == 0,
        "database.pool",
        "must be at least 1",
    );
}
