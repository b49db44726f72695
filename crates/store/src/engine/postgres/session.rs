//! A connection on loan from the pool, and the transaction on it.

use deadpool_postgres::Object;

use super::super::Tx;
use super::super::tx::Connection;
use super::statements::fault;
use crate::fault::Fault;

/// Dropped in the middle of a transaction, or after it was discarded, the connection is closed rather than lent again.
pub(in crate::engine) struct Session {
    client: Option<Object>,
    spoilt: bool,
}

impl Session {
    pub(super) fn new(client: Object) -> Self {
        Self {
            client: Some(client),
            spoilt: false,
        }
    }

    pub(super) fn client(&self) -> Result<&Object, Fault> {
        self.client.as_ref().ok_or(Fault::Closed)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.spoilt
            && let Some(client) = self.client.take()
        {
            // Out of the pool; dropping it ends the connection.
            drop(Object::take(client));
        }
    }
}

pub(super) async fn begin(tx: &mut Tx) -> Result<(), Fault> {
    let session = session(tx)?;
    session.spoilt = true;
    control(session, "BEGIN").await
}

pub(super) async fn commit(tx: &mut Tx) -> Result<(), Fault> {
    let session = session(tx)?;
    let done = control(session, "COMMIT").await;
    // The answer got lost, and it may have been yes.
    done.map_err(|fault| {
        if matches!(fault, Fault::Lost(_)) {
            Fault::InDoubt
        } else {
            fault
        }
    })?;
    session.spoilt = false;
    Ok(())
}

pub(super) async fn roll_back(tx: &mut Tx) {
    if let Ok(session) = session(tx) {
        session.spoilt = control(session, "ROLLBACK").await.is_err();
    }
}

/// The connection is not to be lent again.
pub(super) fn discard(tx: &mut Tx) {
    if let Ok(session) = session(tx) {
        session.spoilt = true;
    }
}

async fn control(session: &Session, text: &'static str) -> Result<(), Fault> {
    session
        .client()?
        .batch_execute(text)
        .await
        .map_err(|error| fault(text, &error))
}

fn session(tx: &mut Tx) -> Result<&mut Session, Fault> {
    match &mut tx.connection {
        Connection::Postgres(session) => Ok(session),
        Connection::Sqlite(_) => Err(Fault::Closed),
    }
}
