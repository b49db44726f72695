//! The configuration in the domain's terms.

use anyhow::{Context, Result};
use keywright_domain::Policy;
use keywright_domain::account::password::HashCost;
use keywright_domain::client::{ClientCertificates, ClientId};
use keywright_domain::keys::Gate;
use keywright_domain::limit::Quota;
use keywright_domain::policy::{
    AccountPolicy, KeyPolicy, LimitPolicy, LoginPolicy, RegistrationDoor, SelfRegistration,
    SessionPolicy,
};
use keywright_domain::session::rotation::RefreshRules;
use keywright_domain::session::{AnomalyResponse, AnomalyRules};

use super::{
    Anomaly, CertificateSource, Config, EmailVerification, Environment, KeyGate, RegistrationMode,
};

/// The name that the first-party client has unless the configuration says otherwise.
const FIRST_PARTY_CLIENT: &str = "keywright-web";

impl Config {
    pub fn policy(&self, environment: &Environment) -> Result<Policy> {
        let url = self.issuer.url.clone().context("issuer.url is not set")?;
        Ok(Policy {
            issuer: url.0,
            first_party_client: self.first_party_client()?,
            accounts: self.account_policy(),
            sessions: SessionPolicy {
                refresh: RefreshRules {
                    grace: self.sessions.grace.0,
                    idle: self.sessions.idle.0,
                    anomaly: self.anomaly_rules(),
                },
                absolute: self.sessions.absolute.0,
            },
            logins: LoginPolicy {
                idle: self.logins.idle.0,
                absolute: self.logins.absolute.0,
                administration: self.logins.administration.0,
            },
            access_lifetime: self.tokens.access.0,
            keys: KeyPolicy {
                default_algorithm: self.keys.algorithm,
                rotation: self.keys.rotation.0,
                jwks_max_age: self.keys.jwks_max_age.0,
                longest_token: self.tokens.longest.0,
                gate: match self.keys.gate {
                    KeyGate::Evidence => Gate::Evidence,
                    KeyGate::Time => Gate::Time,
                },
            },
            status_ttl: self.tokens.status_ttl.0,
            limits: self.limit_policy(),
            webhook: self.webhooks.url.is_some(),
            self_registration: self.self_registration(),
            trusted_issuers: self.trusted_issuers(environment)?,
            client_certificates: match self.tls.client_certificates {
                CertificateSource::Off => ClientCertificates::Off,
                CertificateSource::Proxy => ClientCertificates::Unverified,
                CertificateSource::ProxyVerified => ClientCertificates::Verified,
                CertificateSource::Listener if self.tls.client_roots.is_some() => {
                    ClientCertificates::Verified
                }
                CertificateSource::Listener => ClientCertificates::Unverified,
            },
            mtls_url: self.tls.client_url.clone().map(|url| url.0),
        })
    }

    pub fn first_party_client(&self) -> Result<ClientId> {
        self.issuer
            .first_party_client
            .clone()
            .map_or_else(|| Ok(FIRST_PARTY_CLIENT.parse()?), Ok)
    }

    pub fn hash_cost(&self) -> HashCost {
        HashCost {
            memory_kib: self.passwords.memory,
            passes: self.passwords.passes,
            lanes: 1,
        }
    }

    fn anomaly_rules(&self) -> AnomalyRules {
        AnomalyRules {
            threshold: self.sessions.anomaly_threshold,
            response: match self.sessions.anomaly {
                Anomaly::Off => AnomalyResponse::Off,
                Anomaly::Record => AnomalyResponse::Record,
                Anomaly::StepUp => AnomalyResponse::StepUp,
                Anomaly::End => AnomalyResponse::End,
            },
        }
    }

    fn account_policy(&self) -> AccountPolicy {
        let accounts = &self.accounts;
        AccountPolicy {
            registration: accounts.registration,
            verified_email_required: accounts.email_verification == EmailVerification::Required,
            default_roles: accounts.default_roles.clone(),
            password_strength: accounts.password_strength,
            verify_link_lifetime: accounts.verify_link.0,
            reset_link_lifetime: accounts.reset_link.0,
            hash_cost: self.hash_cost(),
        }
    }

    fn self_registration(&self) -> SelfRegistration {
        let registration = &self.registration;
        SelfRegistration {
            door: match registration.mode {
                RegistrationMode::Off => RegistrationDoor::Closed,
                RegistrationMode::Token => RegistrationDoor::Token,
                RegistrationMode::Open => RegistrationDoor::Open,
            },
            documents: registration.metadata_documents,
            open_to_strangers: registration.scopes.clone(),
            detail_types: registration
                .authorization_details_types
                .iter()
                .cloned()
                .collect(),
            unused: registration.unused.0,
            quota: Quota {
                burst: registration.burst,
                interval: registration.interval.0,
            },
        }
    }

    fn limit_policy(&self) -> LimitPolicy {
        let limits = &self.limits;
        LimitPolicy {
            account_burst: limits.account_burst,
            account_interval: limits.account_interval.0,
            address_burst: limits.address_burst,
            address_interval: limits.address_interval.0,
            letter_burst: limits.letter_burst,
            letter_interval: limits.letter_interval.0,
            followers: limits.followers,
        }
    }
}
