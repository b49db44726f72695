//! Attacks that need something to happen: a logout, an expiry, a token of another kind from the real issuer.

mod confusion;
mod event;
mod expiry;
mod key_by_url;
mod revocation;

use super::{ApiDrill, Runner, Workshop};
use crate::issuer::Issuer;

pub async fn attack(runner: &mut Runner<'_>, drill: &ApiDrill, issuer: &Issuer, shop: &Workshop) {
    runner.progress.begins(&key_by_url::CARD);
    let outcome = key_by_url::lead_astray(runner, drill, shop).await;
    runner.book(&key_by_url::CARD, outcome);

    runner.progress.begins(&confusion::KIND);
    let outcome = confusion::other_kinds(runner, drill, issuer, shop).await;
    runner.book(&confusion::KIND, outcome);

    runner.progress.begins(&confusion::API);
    let outcome = confusion::other_api(runner, drill, issuer, shop).await;
    runner.book(&confusion::API, outcome);

    runner.progress.begins(&revocation::CARD);
    let outcome = revocation::replay(runner, drill, issuer).await;
    runner.book(&revocation::CARD, outcome);

    runner.progress.begins(&expiry::CARD);
    let outcome = expiry::outlive(runner, drill, issuer).await;
    runner.book(&expiry::CARD, outcome);
}
