//! The operator's choices that rules depend on. Filled from the configuration, checked there and here.

use std::collections::{BTreeMap, BTreeSet};

use keywright_jwt::Algorithm;

use crate::access::{Audience, DetailTypeName, RoleName, ScopeSet};
use crate::account::password::HashCost;
use crate::client::{ClientCertificates, ClientId};
use crate::keys::{Gate, RingId};
use crate::limit::Quota;
use crate::session::rotation::RefreshRules;
use crate::trust::TrustedIssuer;
use crate::{IssuerUrl, Period};

#[derive(Clone, Debug)]
pub struct Policy {
    pub issuer: IssuerUrl,
    /// The client that the identity API means when a request names none.
    pub first_party_client: ClientId,
    pub accounts: AccountPolicy,
    pub sessions: SessionPolicy,
    pub logins: LoginPolicy,
    /// How long access tokens of a new API live unless it says otherwise.
    pub access_lifetime: Period,
    pub keys: KeyPolicy,
    /// How long a verifier that polls may hold a status list.
    pub status_ttl: Period,
    pub limits: LimitPolicy,
    /// Whether a receiver outside is told of anomalies.
    pub webhook: bool,
    pub self_registration: SelfRegistration,
    /// Each `iss` once.
    pub trusted_issuers: Vec<TrustedIssuer>,
    pub client_certificates: ClientCertificates,
    /// Where clients show them, if that is not the issuer's own address (RFC 8705 §5).
    pub mtls_url: Option<IssuerUrl>,
}

#[derive(Clone, Debug)]
pub struct AccountPolicy {
    /// Whether `register` is open to strangers.
    pub registration: bool,
    /// Whether a login needs a proved e-mail address. Without it, whoever registers an address and logs in at once learns
    /// whether the address was free.
    pub verified_email_required: bool,
    /// Roles of whoever registers.
    pub default_roles: Vec<RoleName>,
    /// zxcvbn score from 0 to 4 that a password must reach.
    pub password_strength: u8,
    pub verify_link_lifetime: Period,
    pub reset_link_lifetime: Period,
    pub hash_cost: HashCost,
}

#[derive(Clone, Copy, Debug)]
pub struct SessionPolicy {
    pub refresh: RefreshRules,
    pub absolute: Period,
}

/// How long a browser stays logged in.
#[derive(Clone, Copy, Debug)]
pub struct LoginPolicy {
    /// Without use.
    pub idle: Period,
    /// However busy.
    pub absolute: Period,
    /// How long after the password was typed the console is open.
    pub administration: Period,
}

#[derive(Clone, Debug)]
pub struct KeyPolicy {
    /// The algorithm of the issuer's own API and of new APIs.
    pub default_algorithm: Algorithm,
    /// How long a key signs before its successor takes over.
    pub rotation: Period,
    /// What JWKS advertises as `max-age`.
    pub jwks_max_age: Period,
    /// The longest life of any token: a retired signer is served for this long, plus leeway.
    pub longest_token: Period,
    pub gate: Gate,
}

impl KeyPolicy {
    /// The ring that signs what everybody must be able to verify: status lists, the feed, and the tokens of an API whose own
    /// ring has no key yet.
    pub const fn public_ring(&self) -> RingId {
        RingId {
            algorithm: self.default_algorithm,
            audience: None,
        }
    }
}

/// What clients that register themselves may have.
#[derive(Clone, Debug)]
pub struct SelfRegistration {
    pub door: RegistrationDoor,
    /// Whether a client may be named by the address of its metadata.
    pub documents: bool,
    /// Per API, the scopes that they may ask for at most.
    pub open_to_strangers: BTreeMap<Audience, ScopeSet>,
    /// The types of authorization details that they may ask for at most.
    pub detail_types: BTreeSet<DetailTypeName>,
    /// A client without a living session for this long is deleted.
    pub unused: Period,
    /// Registrations from one network.
    pub quota: Quota,
}

/// Who may register a client (RFC 7591 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationDoor {
    Closed,
    /// Whoever has an initial access token.
    Token,
    Open,
}

/// How many failures are forgiven, and how fast they are forgotten.
#[derive(Clone, Copy, Debug)]
pub struct LimitPolicy {
    /// Failed logins per account: this many at once, then one each `account_interval`.
    pub account_burst: u32,
    pub account_interval: Period,
    /// Failures per address (IPv6: per /64).
    pub address_burst: u32,
    pub address_interval: Period,
    /// Letters (verification, recovery) per account and per address.
    pub letter_burst: u32,
    pub letter_interval: Period,
    /// Followers of the feed on one node at once.
    pub followers: u32,
}

impl Policy {
    /// The audience of Keywright's own API.
    pub fn issuer_audience(&self) -> Option<Audience> {
        self.issuer.as_str().parse().ok()
    }
}

impl LimitPolicy {
    /// Failures of one account from one network.
    pub const fn account(&self) -> Quota {
        Quota {
            burst: self.account_burst,
            interval: self.account_interval,
        }
    }

    /// Failures from one network.
    pub const fn address(&self) -> Quota {
        Quota {
            burst: self.address_burst,
            interval: self.address_interval,
        }
    }

    /// Letters to one address, or asked for by one network.
    pub const fn letters(&self) -> Quota {
        Quota {
            burst: self.letter_burst,
            interval: self.letter_interval,
        }
    }
}
