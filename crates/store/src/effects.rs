//! What a write leaves behind besides its own row, in the same transaction.

use keywright_domain::audit::Effects;

use crate::engine::Tx;
use crate::fault::Fault;
use crate::{audit, ledger, outbox, users};

/// Call it last: on PostgreSQL the head of the audit chain is a lock that every write of this node wants, and
/// it is held until the commit.
pub(crate) async fn record(tx: &mut Tx, effects: &Effects) -> Result<(), Fault> {
    for link in &effects.links {
        users::insert_link(tx, link).await?;
    }
    for entry in &effects.minted {
        ledger::record(tx, entry).await?;
    }
    for letter in &effects.letters {
        outbox::insert(tx, letter).await?;
    }
    audit::append(tx, &effects.events).await
}
