//! `ledger`: what it costs to have every token on record, and how quickly a question about millions of them is answered.

mod data;
mod kill;
mod record;
mod search;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use keywright_store::{Store, StoreConfig};

use data::{Database, Population};

/// Measure bytes per token on record, the cost of a record, searches among millions of living tokens, their purge, and the end of a
/// hundred thousand sessions.
#[derive(clap::Args)]
pub struct Options {
    /// A tenth of the tokens
    #[arg(long)]
    quick: bool,
    /// Living tokens on SQLite; PostgreSQL has as many unless said
    #[arg(long, default_value_t = 10_000_000)]
    tokens: u64,
    /// Also on this PostgreSQL, in a schema of its own that is dropped again; only on loopback
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Living tokens on PostgreSQL
    #[arg(long, value_name = "TOKENS")]
    postgres_tokens: Option<u64>,
    /// Where the SQLite file goes; a temporary folder unless said
    #[arg(long)]
    folder: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<()> {
    let share = if options.quick { 10 } else { 1 };
    let folder = match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let path = folder.path().join("ledger.db");
    let sqlite = Database::Sqlite(path);
    let sessions = 100_000 / share;
    on(&sqlite, options.tokens / share, sessions).await?;
    if let Some(url) = &options.postgres {
        let tokens = options.postgres_tokens.unwrap_or(options.tokens) / share;
        let postgres = Database::postgres(url).await?;
        let done = on(&postgres, tokens, sessions).await;
        postgres.drop_schema().await?;
        done?;
    }
    Ok(())
}

async fn on(database: &Database, tokens: u64, sessions: u64) -> Result<()> {
    println!("{}", database.name());
    let store = Arc::new(Store::open(&database.config()).await?);
    record::measure(&store).await?;
    database.clear().await?;
    let population = Population::make(&store, tokens).await?;
    let bytes = database.fill(&population).await?;
    println!(
        "  {tokens} living tokens of {} classes, one in five of a session: {:.0} bytes each in the table, {:.0} with the index \
         of sessions and of classes",
        population.classes.len(),
        bytes.table,
        bytes.all
    );
    search::measure(&store, &population).await?;
    search::purge(&store, &population).await?;
    kill::measure(&store, sessions).await
}

/// How the store is told where it lives.
fn config(url: &str) -> StoreConfig {
    StoreConfig::Postgres {
        url: url.to_owned(),
        pool_size: 16,
        node: "bench".to_owned(),
    }
}
