//! What a scrape asks the issuer and the hash pool for.

use std::sync::Arc;

use keywright_domain::Issuer;
use keywright_domain::keys::KeyRecord;
use keywright_http::metrics::{KeyAge, Metrics};

use crate::deployment::Deployment;

pub fn watch(metrics: &Arc<Metrics>, deployment: &Deployment) {
    deployment.signing_times.show_in(metrics);
    let passwords = deployment.passwords.clone();
    metrics.watch_hash_queue(move || passwords.waiting() as u64);
    let issuer = deployment.issuer.clone();
    metrics.watch_keys(move || key_ages(&issuer));
    let issuer = deployment.issuer.clone();
    metrics.watch_fleet(move || super::fleet::figures(&issuer));
}

fn key_ages(issuer: &Issuer) -> Vec<KeyAge> {
    let now = issuer.now();
    let age = |key: &KeyRecord| KeyAge {
        algorithm: key.ring.algorithm,
        audience: key.ring.audience.as_ref().map(ToString::to_string),
        state: key.state,
        age: now.since(key.entered_state_at()),
    };
    issuer.keys().iter().map(age).collect()
}
