//! Telling the webhook's receiver and clients what is due.

use std::collections::BTreeMap;
use std::sync::Arc;

use keywright_domain::webhook::{Addressee, Delivery, Notice};
use keywright_domain::{Issuer, Unavailable};
use keywright_http::metrics::{LogoutDelivery, Metrics};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// At once, to one addressee. A client is not flooded by the logouts of all its people.
const SIDE_BY_SIDE: usize = 16;

/// Round after round until nothing is due, or a tick is over: who stops the server waits for one round at most.
pub async fn tell(issuer: &Arc<Issuer>, metrics: &Arc<Metrics>) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let due = issuer.notices_due().await.map_err(super::text)?;
        if due.is_empty() {
            return Ok(());
        }
        tell_all(issuer, metrics, due).await?;
        if began.elapsed() >= super::TICK {
            return Ok(());
        }
    }
}

/// An addressee that hangs holds up its own notices by its timeout, and no others of the round.
async fn tell_all(
    issuer: &Arc<Issuer>,
    metrics: &Arc<Metrics>,
    due: Vec<Notice>,
) -> Result<(), String> {
    let mut lines = JoinSet::new();
    for line in lines_of(due) {
        let (issuer, metrics) = (issuer.clone(), metrics.clone());
        lines.spawn(async move { tell_in_turn(&issuer, &metrics, line).await });
    }
    while let Some(told) = lines.join_next().await {
        told.map_err(super::text)?.map_err(super::text)?;
    }
    Ok(())
}

/// The notices in as many lines for each addressee as may run side by side.
fn lines_of(due: Vec<Notice>) -> Vec<Vec<Notice>> {
    let mut of: BTreeMap<String, Vec<Notice>> = BTreeMap::new();
    for notice in due {
        of.entry(notice.to.to_string()).or_default().push(notice);
    }
    let mut lines = Vec::new();
    for notices in of.into_values() {
        let mut own = vec![Vec::new(); notices.len().min(SIDE_BY_SIDE)];
        for (place, notice) in notices.into_iter().enumerate() {
            own[place % SIDE_BY_SIDE].push(notice);
        }
        lines.append(&mut own);
    }
    lines
}

/// Until one is not taken. The rest of the line is hidden from all nodes for a minute, as if this one had died on it, and comes again then.
async fn tell_in_turn(
    issuer: &Issuer,
    metrics: &Metrics,
    line: Vec<Notice>,
) -> Result<(), Unavailable> {
    for notice in line {
        if !attempt(issuer, metrics, &notice).await? {
            break;
        }
    }
    Ok(())
}

/// Whether it was taken.
async fn attempt(issuer: &Issuer, metrics: &Metrics, notice: &Notice) -> Result<bool, Unavailable> {
    let (id, to, attempts) = (notice.id, &notice.to, notice.attempts);
    let delivery = issuer.deliver(notice).await?;
    if matches!(to, Addressee::Client(_)) {
        metrics.logout_delivery(outcome(&delivery));
    }
    match delivery {
        Delivery::Told => {
            tracing::debug!(target: "webhook.notice.told", %id, %to, attempts, "told");
            return Ok(true);
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
    Ok(false)
}

fn outcome(delivery: &Delivery) -> LogoutDelivery {
    match delivery {
        Delivery::Told => LogoutDelivery::Delivered,
        Delivery::Again { .. } => LogoutDelivery::Failed,
        Delivery::GivenUp(_) => LogoutDelivery::GivenUp,
    }
}

#[cfg(test)]
mod tests {
    use keywright_domain::Time;
    use keywright_domain::audit::Hash;
    use keywright_domain::webhook::NoticeId;

    use super::*;

    fn notice(number: u8, to: &str) -> Notice {
        Notice {
            id: NoticeId::of(Hash::from_bytes([number; 32])),
            to: Addressee::Client(to.parse().unwrap()),
            body: String::new(),
            created_at: Time::from_secs(1_800_000_000),
            attempts: 1,
        }
    }

    #[test]
    fn each_addressee_has_lines_of_its_own_and_no_more_than_may_run() {
        let many = (0..40).map(|number| notice(number, "busy"));
        let few = (40..42).map(|number| notice(number, "quiet"));
        let lines = lines_of(many.chain(few).collect());
        let to = |name: &str| {
            let own = lines
                .iter()
                .filter(|line| line[0].to.to_string().contains(name));
            own.map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(to("quiet"), [1, 1]);
        assert_eq!(to("busy").len(), SIDE_BY_SIDE);
        assert_eq!(to("busy").iter().sum::<usize>(), 40);
        let first: Vec<_> = lines[0].iter().map(|notice| notice.id).collect();
        let oldest = [0, 16, 32].map(|number| notice(number, "busy").id);
        assert_eq!(first, oldest, "the oldest come first");
    }
}
