//! What can go wrong below the ports. Outside, all of it is `Unavailable`; the text is for the log and carries no data of a
//! row but its id.

use keywright_domain::Unavailable;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("too much work is waiting")]
    Overloaded,
    #[error("no answer in time")]
    TimedOut,
    /// Before the commit was sent: nothing has happened.
    #[error("the connection was lost: {0}")]
    Lost(String),
    #[error("the connection was lost while committing; whether it was done is unknown")]
    InDoubt,
    /// A deadlock or a serialization failure: worth another try.
    #[error("lost a race: {0}")]
    Conflict(String),
    #[error("a guarded write lost its race {0} times in a row")]
    Contended(u32),
    #[error("row {id} of {table}: `{column}` is not what Keywright writes")]
    Corrupt {
        table: &'static str,
        id: String,
        column: String,
    },
    #[error("the audit log is not armed: its key has not been loaded")]
    Unarmed,
    #[error("the feed's log has lost its head: the row of `feed_head` is gone")]
    NoFeed,
    #[error(
        "the head of audit chain `{0}` has been changed from outside; `audit verify` tells where"
    )]
    ForgedHead(String),
    #[error("{statement}: {detail}")]
    Statement {
        statement: &'static str,
        detail: String,
    },
    #[error("the work panicked")]
    Panicked,
    #[error("the store is closed")]
    Closed,
}

impl From<Fault> for Unavailable {
    fn from(fault: Fault) -> Self {
        Unavailable::new("the database", fault)
    }
}
