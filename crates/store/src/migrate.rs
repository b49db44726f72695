//! Brings the schema up to date when a database is opened. Each step is numbered and runs once; its checksum is kept, so that
//! a step that was edited after it ran, or a database newer than this program, is refused rather than guessed at.

use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

/// The steps, in order: `migrations[n]` leads to version `n + 1`. Never edit one that has been released; add another.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_init.sql"),
    include_str!("migrations/0002_know_and_kill.sql"),
    include_str!("migrations/0003_claims_policy.sql"),
    include_str!("migrations/0004_browser_flows.sql"),
    include_str!("migrations/0005_authorizations.sql"),
    include_str!("migrations/0006_notices.sql"),
    include_str!("migrations/0007_dynamic_clients.sql"),
    include_str!("migrations/0008_used_assertions.sql"),
    include_str!("migrations/0009_logins.sql"),
    include_str!("migrations/0010_pushed_requests.sql"),
    include_str!("migrations/0011_openid.sql"),
    include_str!("migrations/0012_logout.sql"),
    include_str!("migrations/0013_device_codes.sql"),
    include_str!("migrations/0014_authorization_details.sql"),
    include_str!("migrations/0015_device_details.sql"),
    include_str!("migrations/0016_ledger_halves.sql"),
    include_str!("migrations/0017_ledger_numbers.sql"),
];

/// Not among the statements that a test prepares: these run before there is a schema.
mod sql {
    use crate::statement::Sql;

    pub(super) static LOCK: Sql = Sql::new("migrate::LOCK", "{lock_schema}");
    pub(super) static EXISTS: Sql = Sql::new(
        "migrate::EXISTS",
        "SELECT count(*) FROM {table_named} 'migrations'",
    );
    pub(super) static APPLIED: Sql = Sql::new(
        "migrate::APPLIED",
        "SELECT version, checksum FROM migrations ORDER BY version",
    );
    pub(super) static RECORD: Sql = Sql::new(
        "migrate::RECORD",
        "INSERT INTO migrations (version, checksum) VALUES ($1, $2)",
    );
}

const TABLE: &str =
    "CREATE TABLE migrations (version {int} NOT NULL PRIMARY KEY, checksum {int} NOT NULL) {table}";

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(
        "the database is at schema version {found}, and this program knows only {known}: it was written by a newer Keywright"
    )]
    Newer { found: usize, known: usize },
    #[error("migration {0} has been changed since it was applied to this database")]
    Changed(usize),
    #[error("the list of applied migrations has a gap at {0}")]
    Gap(usize),
    #[error("the database {0}")]
    Database(String),
}

impl From<Fault> for MigrateError {
    fn from(fault: Fault) -> Self {
        Self::Database(fault.to_string())
    }
}

/// Whether there is nothing to do. Takes no lock: it is asked at every start.
pub(crate) async fn is_current(tx: &mut Tx) -> Result<bool, MigrateError> {
    Ok(pending(tx).await?.is_empty())
}

/// Runs what is missing, inside the transaction that is open on `tx`.
pub(crate) async fn run(tx: &mut Tx) -> Result<(), MigrateError> {
    // Another process may be at it, and may be done when the lock is ours: so look again.
    tx.all(&sql::LOCK, &[], |_| Ok(())).await?;
    let dialect = tx.dialect();
    if !has_table(tx).await? {
        tx.batch(&dialect.render(TABLE)).await?;
    }
    let steps = pending(tx).await?;
    let from = MIGRATIONS.len() - steps.len();
    for (version, text) in steps {
        tx.batch(&dialect.render(text)).await?;
        tx.execute(&sql::RECORD, &params![version as i64, checksum(text)])
            .await?;
    }
    if from < MIGRATIONS.len() {
        tracing::info!(target: "store.migrated", from, to = MIGRATIONS.len());
    }
    Ok(())
}

/// The steps that this database lacks, with their numbers.
async fn pending(tx: &mut Tx) -> Result<Vec<(usize, &'static str)>, MigrateError> {
    let applied = if has_table(tx).await? {
        tx.all(&sql::APPLIED, &[], step).await?
    } else {
        Vec::new()
    };
    if applied.len() > MIGRATIONS.len() {
        return Err(MigrateError::Newer {
            found: applied.len(),
            known: MIGRATIONS.len(),
        });
    }
    let numbered = || (1..).zip(MIGRATIONS.iter().copied());
    for ((number, text), (version, stored)) in numbered().zip(&applied) {
        if *version != number as i64 {
            return Err(MigrateError::Gap(number));
        }
        if *stored != checksum(text) {
            return Err(MigrateError::Changed(number));
        }
    }
    Ok(numbered().skip(applied.len()).collect())
}

async fn has_table(tx: &mut Tx) -> Result<bool, Fault> {
    let found = tx
        .first(&sql::EXISTS, &[], |row| row.row_of("migrations").int())
        .await?;
    Ok(found.is_some_and(|count| count > 0))
}

fn step(row: &mut Columns<'_>) -> Result<(i64, i64), Fault> {
    row.row_of("migrations");
    Ok((row.int()?, row.int()?))
}

/// FNV-1a, over the text before it is rendered: the same on both engines. It guards against mistakes, not malice.
fn checksum(text: &str) -> i64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.cast_signed()
}

#[cfg(test)]
mod halves;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn checksum_is_fnv_1a() {
        assert_eq!(checksum("").cast_unsigned(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum("a").cast_unsigned(), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn every_word_of_the_schema_is_known_to_both_dialects() {
        for (dialect, text) in [Dialect::Sqlite, Dialect::Postgres]
            .into_iter()
            .flat_map(|dialect| MIGRATIONS.iter().map(move |text| (dialect, text)))
        {
            let rendered = dialect.render(text);
            let code: String = rendered
                .lines()
                .filter(|line| !line.starts_with("--"))
                .collect();
            assert!(!code.contains(['{', '}']), "{dialect:?}");
        }
    }
}
