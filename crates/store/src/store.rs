//! The store: an engine, and the ports on it.

use std::sync::Mutex;
use std::time::Duration;

use keywright_domain::ports::Answer;

use crate::engine::{Address, Engine, Postgres, Run, Sqlite};
use crate::{OpenError, StoreConfig, statement};

/// With the database out of reach, whatever is asked has failed by then.
const DEADLINE: Duration = Duration::from_secs(3);

/// Implements every port of [`keywright_domain::ports`] that is about data at rest.
pub struct Store {
    pub(crate) engine: Engine,
    /// How far the walk over the sessions has come that `purge` makes.
    pub(crate) purged_up_to: Mutex<[u8; 16]>,
}

/// How the database would run one statement.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The module and the name of the statement.
    pub statement: &'static str,
    /// The engine's own words.
    pub plan: String,
}

impl Store {
    /// Opens the database, creates or upgrades its schema, and starts the threads that serve it. Call it inside a Tokio
    /// runtime with time enabled.
    pub async fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        Self::open_with_deadline(config, DEADLINE).await
    }

    /// [`Store::open`] for who would rather wait longer, or less long, for an answer of the database.
    pub async fn open_with_deadline(
        config: &StoreConfig,
        deadline: Duration,
    ) -> Result<Self, OpenError> {
        let engine = match config {
            StoreConfig::Sqlite { path } => Engine::Sqlite(Sqlite::open(path, deadline)?),
            StoreConfig::Postgres {
                url,
                pool_size,
                node,
            } => {
                let address = Address {
                    url,
                    pool_size: *pool_size,
                    node,
                };
                Engine::Postgres(Postgres::open(address, deadline).await?)
            }
        };
        Ok(Self {
            engine,
            purged_up_to: Mutex::new([0; 16]),
        })
    }

    /// Asks the database how it would run every statement of this crate, which also proves that it accepts each.
    pub async fn plans(&self) -> Result<Vec<Plan>, keywright_domain::Unavailable> {
        self.scan((), |(), tx| {
            Box::pin(async move {
                let mut plans = Vec::new();
                for sql in statement::all() {
                    plans.push(Plan {
                        statement: sql.name,
                        plan: tx.explain(sql).await?,
                    });
                }
                Ok(plans)
            })
        })
        .await
    }

    /// [`Engine::scan`] as a port's answer.
    pub(crate) fn scan<D, T>(&self, data: D, run: Run<D, T>) -> Answer<'_, T>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
    {
        Box::pin(async move { Ok(self.engine.scan(data, run).await?) })
    }

    /// [`Engine::write`] as a port's answer.
    pub(crate) fn write<D, T>(&self, data: D, run: Run<D, T>) -> Answer<'_, T>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
    {
        Box::pin(async move { Ok(self.engine.write(data, run).await?) })
    }
}
