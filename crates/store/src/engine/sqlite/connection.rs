//! Opening the file.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::OpenError;

/// How often a write knocks that waits for another process, such as the command line beside a running server, and how
/// many times. SQLite's own handler soon knocks only ten times a second, and never meets the moment between two groups
/// of a busy writer.
const KNOCK: Duration = Duration::from_millis(1);
const KNOCKS: u16 = 3000;

/// More than there are statements in this crate: none is ever compiled twice on a connection.
const STATEMENTS: usize = 128;

/// Opens the database for writing, and creates it if it is not there.
pub(super) fn create(path: &Path) -> Result<Connection, OpenError> {
    create_private(path).map_err(|source| OpenError::File {
        path: path.into(),
        source,
    })?;
    let connection = open(path)?;
    let mode = wal_mode(&connection).map_err(|source| OpenError::Sqlite {
        path: path.into(),
        source,
    })?;
    if mode == "wal" {
        Ok(connection)
    } else {
        Err(OpenError::NoWal {
            path: path.into(),
            mode,
        })
    }
}

/// Opens a database that is there, for writing.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // FULL: a commit is on the disk before it is acknowledged. No checkpoints by the writer: they are the
    // checkpointer's, off the commit path.
    prepared(
        path,
        flags,
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -4096;",
    )
    .map_err(|source| OpenError::Sqlite {
        path: path.into(),
        source,
    })
}

/// Opens a database that is there, to move its log into it. A checkpoint that waits for readers keeps the writer out
/// meanwhile, so this one soon gives up: it comes again.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = open(path)?;
    let briefly = connection.busy_handler(Some(|before| before < 50 && knock(before)));
    briefly.map_err(|source| OpenError::Sqlite {
        path: path.into(),
        source,
    })?;
    Ok(connection)
}

/// Opens a connection that can only read. Its cache is small: there is one for each thread.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    prepared(path, flags, "PRAGMA cache_size = -512;")
}

fn prepared(path: &Path, flags: OpenFlags, pragmas: &str) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(knock))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else SQLite compiles a join anew each time its parameters are bound, in case their values suggest another plan:
    // 80 µs for a read that takes 5.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A database that somebody tampered with shall not run functions from its schema.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0;")?;
    connection.execute_batch(pragmas)?;
    Ok(connection)
}

/// SQLite gives the `-wal` and `-shm` files the mode of the database.
fn create_private(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Two processes that turn a new file to WAL at once meet a lock for which SQLite does not wait by itself.
fn wal_mode(connection: &Connection) -> rusqlite::Result<String> {
    let mut knocks = 0;
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        match mode {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && knock(knocks) =>
            {
                knocks += 1;
            }
            done => return done,
        }
    }
}

/// Waits a little; false when it has waited often enough.
fn knock(before: i32) -> bool {
    std::thread::sleep(KNOCK);
    before < KNOCKS.into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::StatementStatus;

    use super::*;
    use crate::chains::Chains;
    use crate::dialect::Dialect;
    use crate::engine::Tx;
    use crate::engine::sqlite::now;
    use crate::{migrate, statement};

    #[test]
    fn no_read_is_compiled_twice() {
        let path = std::env::temp_dir().join(format!("keywright-compiled-{}", std::process::id()));
        let mut tx = Tx::on_sqlite(create(&path).unwrap(), Arc::new(Chains::new("main")));
        now(migrate::run(&mut tx)).unwrap();
        let reader = open_reader(&path).unwrap();
        let reads = statement::all().filter(|sql| sql.on(Dialect::Sqlite).starts_with("SELECT"));
        for sql in reads {
            let mut read = reader.prepare(sql.on(Dialect::Sqlite)).unwrap();
            for round in 0..3_u8 {
                for parameter in 1..=read.parameter_count() {
                    read.raw_bind_parameter(parameter, [round; 16].as_slice())
                        .unwrap();
                }
                let mut rows = read.raw_query();
                // An error may end it: a blob is no LIMIT. It has been compiled by then.
                while let Ok(Some(_)) = rows.next() {}
            }
            assert_eq!(
                read.get_status(StatementStatus::RePrepare),
                0,
                "{}",
                sql.name
            );
        }
        // The last to close tidies the log away, and a reader cannot.
        drop(reader);
        drop(tx);
        std::fs::remove_file(&path).unwrap();
    }
}
