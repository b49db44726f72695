//! PostgreSQL: pooled connections, and a deadline on everything.

mod pool;
mod session;
mod statements;
mod url;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::time::{Instant, timeout, timeout_at};

pub(super) use session::Session;
pub(super) use statements::{all, batch, each, execute, explain, first};
pub use url::UrlError;

use super::{Map, Run, Tx, Value};
use crate::OpenError;
use crate::chains::Chains;
use crate::fault::Fault;
use crate::feed::Listener;
use crate::migrate::{self, MigrateError};
use crate::statement::Sql;

/// A migration may take longer than a request may.
const MIGRATION_DEADLINE: Duration = Duration::from_secs(600);

/// How often a write is tried that loses to a deadlock, a serialization failure or a restart of the server.
const ATTEMPTS: u32 = 4;

/// Which server, and as which node.
pub(crate) struct Address<'a> {
    pub(crate) url: &'a str,
    pub(crate) pool_size: usize,
    pub(crate) node: &'a str,
}

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    chains: Arc<Chains>,
    listener: Arc<Listener>,
    deadline: Duration,
}

impl Postgres {
    pub(crate) async fn open(address: Address<'_>, deadline: Duration) -> Result<Self, OpenError> {
        let Address {
            url,
            pool_size,
            node,
        } = address;
        let pool = pool::build(url::parse(url)?, pool_size, deadline)?;
        let chains = Arc::new(Chains::new(node));
        let this = Self {
            pool,
            chains,
            listener: Arc::default(),
            deadline,
        };
        timeout(MIGRATION_DEADLINE, this.migrate())
            .await
            .unwrap_or(Err(Fault::TimedOut.into()))?;
        Ok(this)
    }

    async fn migrate(&self) -> Result<(), MigrateError> {
        let mut tx = self.acquire().await?;
        if migrate::is_current(&mut tx).await? {
            return Ok(());
        }
        session::begin(&mut tx).await?;
        // An error drops the connection, and the transaction with it.
        migrate::run(&mut tx).await?;
        Ok(session::commit(&mut tx).await?)
    }

    pub(crate) fn chains(&self) -> &Chains {
        &self.chains
    }

    pub(crate) fn listener(&self) -> &Listener {
        &self.listener
    }

    pub(crate) async fn point<T>(
        &self,
        sql: &'static Sql,
        params: &[Value<'_>],
        map: Map<T>,
    ) -> Result<Option<T>, Fault> {
        let deadline = Instant::now() + self.deadline;
        loop {
            let mut tx = self.acquire_by(deadline).await?;
            match in_time(deadline, &mut tx, async |tx| {
                tx.first(sql, params, map).await
            })
            .await
            {
                // The pool may hold several connections that a restart of the server has cut.
                Err(Fault::Lost(_)) if Instant::now() < deadline => {}
                done => return done,
            }
        }
    }

    pub(crate) async fn scan<D, T>(&self, data: &D, run: Run<D, T>) -> Result<T, Fault> {
        let deadline = Instant::now() + self.deadline;
        let mut tx = self.acquire_by(deadline).await?;
        in_time(deadline, &mut tx, async |tx| run(data, tx).await).await
    }

    /// One statement commits by itself. If the connection breaks while it runs, nobody can tell whether it did.
    pub(crate) async fn execute(
        &self,
        sql: &'static Sql,
        params: Vec<Value<'static>>,
    ) -> Result<u64, Fault> {
        let this = self.clone();
        carried_out(async move {
            let deadline = Instant::now() + this.deadline;
            let mut tx = this.acquire_by(deadline).await?;
            let done = in_time(deadline, &mut tx, async |tx| tx.execute(sql, &params).await).await;
            done.map_err(|fault| {
                if matches!(fault, Fault::Lost(_)) {
                    Fault::InDoubt
                } else {
                    fault
                }
            })
        })
        .await
    }

    pub(crate) async fn write<D, T>(&self, data: D, run: Run<D, T>) -> Result<T, Fault>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
    {
        let this = self.clone();
        let work = async move {
            let tries = async {
                let mut tries = 1;
                loop {
                    match this.transaction(&data, run).await {
                        Err(Fault::Conflict(_) | Fault::Lost(_)) if tries < ATTEMPTS => tries += 1,
                        done => return done,
                    }
                }
            };
            timeout(this.deadline, tries)
                .await
                .unwrap_or(Err(Fault::TimedOut))
        };
        carried_out(work).await
    }

    /// If this is dropped before it ends, the connection is closed, which rolls back.
    async fn transaction<D, T>(&self, data: &D, run: Run<D, T>) -> Result<T, Fault> {
        let mut tx = self.acquire().await?;
        session::begin(&mut tx).await?;
        match run(data, &mut tx).await {
            Ok(done) => {
                session::commit(&mut tx).await?;
                if tx.take_tells() {
                    self.listener.notify();
                }
                Ok(done)
            }
            Err(fault) => {
                session::roll_back(&mut tx).await;
                Err(fault)
            }
        }
    }

    async fn acquire_by(&self, deadline: Instant) -> Result<Tx, Fault> {
        timeout_at(deadline, self.acquire())
            .await
            .unwrap_or(Err(Fault::TimedOut))
    }

    async fn acquire(&self) -> Result<Tx, Fault> {
        let client = self.pool.get().await.map_err(pool::fault)?;
        Ok(Tx::on_postgres(
            Session::new(client),
            Arc::clone(&self.chains),
        ))
    }
}

/// A connection that does not answer in time is not given to anybody else.
async fn in_time<T>(
    deadline: Instant,
    tx: &mut Tx,
    work: impl AsyncFnOnce(&mut Tx) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let done = timeout_at(deadline, work(tx)).await;
    done.unwrap_or_else(|_| {
        session::discard(tx);
        Err(Fault::TimedOut)
    })
}

/// A write runs in a task of its own: a caller that goes away must not leave it half done, nor cost the pool a connection.
async fn carried_out<T: Send + 'static>(
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    tokio::spawn(work).await.unwrap_or(Err(Fault::Panicked))
}
