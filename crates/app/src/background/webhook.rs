//! Telling the webhook's receiver and clients what is due.

use std::sync::Arc;

use keywright_domain::webhook::{Delivery, Notice};
use keywright_domain::{Issuer, Unavailable};
use tokio::task::JoinSet;

/// All at once: a receiver that hangs holds up each by its own timeout, and no other.
pub async fn tell(issuer: &Arc<Issuer>) -> Result<(), String> {
    let mut telling = JoinSet::new();
    for notice in issuer.notices_due().await.map_err(super::text)? {
        let issuer = issuer.clone();
        telling.spawn(async move { attempt(&issuer, &notice).await });
    }
    while let Some(told) = telling.join_next().await {
        told.map_err(super::text)?.map_err(super::text)?;
    }
    Ok(())
}

async fn attempt(issuer: &Issuer, notice: &Notice) -> Result<(), Unavailable> {
    let (id, to, attempts) = (notice.id, &notice.to, notice.attempts);
    match issuer.deliver(notice).await? {
        Delivery::Told => {
            tracing::debug!(target: "webhook.notice.told", %id, %to, attempts, "told")
        }
        Delivery::Again { at, why } => tracing::warn!(
            target: "webhook.notice.postponed", %id, %to, attempts, next = %at, error = %why,
            "a notice was not taken"
        ),
        Delivery::GivenUp(why) => tracing::error!(
            target: "webhook.notice.given_up", %id, %to, attempts, error = %why,
            "a notice is given up; the audit log has it"
        ),
    }
    Ok(())
}
