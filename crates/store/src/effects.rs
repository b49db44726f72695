//! What a write leaves behind besides its own row, in the same transaction.

use keywright_domain::audit::Effects;
use keywright_domain::feed;

use crate::engine::Tx;
use crate::fault::Fault;
use crate::{audit, ledger, outbox, users};

/// Call it last: on PostgreSQL the heads of the audit chain and of the feed's log are locks that others want, and
/// they are held until the commit.
pub(crate) async fn record(tx: &mut Tx, effects: &Effects) -> Result<(), Fault> {
    record_and_tell(tx, effects, Vec::new()).await
}

/// The same, with what only the write itself could find out and verifiers must be told.
pub(crate) async fn record_and_tell(
    tx: &mut Tx,
    effects: &Effects,
    found: Vec<feed::Event>,
) -> Result<(), Fault> {
    for link in &effects.links {
        users::insert_link(tx, link).await?;
    }
    for entry in &effects.minted {
        ledger::record(tx, entry).await?;
    }
    for letter in &effects.letters {
        outbox::insert(tx, letter).await?;
    }
    audit::append(tx, &effects.events).await?;
    let mut told = effects.feed.clone();
    told.extend(found);
    crate::feed::append(tx, &told).await
}
