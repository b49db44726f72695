//! SQLite: one writer thread, readers on the threads that ask, checkpoints off the commit path.

mod checkpoint;
mod connection;
mod reader;
mod scan;
mod statements;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub(super) use statements::{all, batch, execute, explain, first};

use self::checkpoint::Checkpointer;
use self::reader::Readers;
use self::scan::Scanners;
use self::writer::{Extent, Writer};
use super::{Tx, Value};
use crate::OpenError;
use crate::chains::Chains;
use crate::fault::Fault;
use crate::feed::Listener;
use crate::migrate::{self, MigrateError};
use crate::statement::Sql;

/// One chain for the file, whichever process writes: they take turns anyway.
const CHAIN: &str = "main";

pub(crate) struct Sqlite {
    // Dropped in this order: the writer first, so that the last connection to close tidies the log away.
    writer: Writer,
    scanners: Scanners,
    _checkpointer: Checkpointer,
    readers: Arc<Readers>,
    chains: Arc<Chains>,
    listener: Listener,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, deadline: Duration) -> Result<Self, OpenError> {
        let chains = Arc::new(Chains::new(CHAIN));
        let mut tx = Tx::on_sqlite(connection::create(path)?, Arc::clone(&chains));
        migrate_under_lock(&mut tx)?;
        let (checkpointer, committed) =
            Checkpointer::start(connection::open_checkpointer(path)?).map_err(OpenError::Thread)?;
        let readers = Arc::new(Readers::new(path, Arc::clone(&chains)));
        Ok(Self {
            writer: Writer::start(tx, committed, deadline).map_err(OpenError::Thread)?,
            scanners: Scanners::start(&readers).map_err(OpenError::Thread)?,
            _checkpointer: checkpointer,
            readers,
            chains,
            listener: Listener::default(),
        })
    }

    pub(crate) fn chains(&self) -> &Chains {
        &self.chains
    }

    pub(crate) fn listener(&self) -> &Listener {
        &self.listener
    }

    /// Runs `work` here and now, on this thread's own connection.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.readers.read(work)
    }

    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.scanners.run(work).await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let told = |tx: &mut Tx| {
            // What a write that failed has left there is nobody's.
            tx.take_tells();
            let done = work(tx)?;
            Ok((done, tx.take_tells()))
        };
        let (done, tells) = self.writer.run(Extent::Several, told).await?;
        if tells {
            self.listener.notify();
        }
        Ok(done)
    }

    pub(crate) async fn execute(
        &self,
        sql: &'static Sql,
        params: Vec<Value<'static>>,
    ) -> Result<u64, Fault> {
        let work = move |tx: &mut Tx| now(tx.execute(sql, &params));
        self.writer.run(Extent::OneStatement, work).await
    }
}

/// The write lock is held from before the version is read, so two processes that open a new file do not both build it.
fn migrate_under_lock(tx: &mut Tx) -> Result<(), MigrateError> {
    if now(migrate::is_current(tx))? {
        return Ok(());
    }
    statements::begin(tx)?;
    match now(migrate::run(tx)) {
        Ok(()) => Ok(statements::commit(tx)?),
        Err(error) => {
            statements::roll_back(tx);
            Err(error)
        }
    }
}

/// Runs an operation on SQLite: nothing in it can wait, so one poll is all it takes.
pub(crate) fn now<T, E: From<Fault>>(
    operation: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match std::pin::pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Fault::Unreachable(
            "an operation waited for something but its statements".into(),
        )
        .into()),
    }
}
