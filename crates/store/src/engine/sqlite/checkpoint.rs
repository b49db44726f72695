//! Moves committed pages from the write-ahead log into the database, on a thread and a connection of its own: inside the
//! writer this would stall whoever commits next, for up to a quarter of a second.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

/// How often a busy log is tended; an idle one is left alone.
const PAUSE: Duration = Duration::from_millis(250);

/// A log of more pages than this (64 MiB) is emptied and cut.
const LARGE: i64 = 16_384;

/// So few pages that the writer may wait for them to be moved.
const FEW: i64 = 512;

/// A log that grows as fast as it is moved is not chased for ever.
const ROUNDS: usize = 4;

pub(super) struct Checkpointer {
    stop: Option<std::sync::mpsc::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// Told after each commit.
pub(super) struct Committed(SyncSender<()>);

impl Committed {
    pub(super) fn notify(&self) {
        // Full means told already.
        let _ = self.0.try_send(());
    }
}

impl Checkpointer {
    pub(super) fn start(connection: Connection) -> std::io::Result<(Self, Committed)> {
        let (committed, commits) = sync_channel(1);
        let (stop, stopped) = channel();
        let tend = move || tend(&connection, &commits, &stopped);
        let thread = thread::Builder::new()
            .name("keywright-wal".into())
            .spawn(tend)?;
        Ok((
            Self {
                stop: Some(stop),
                thread: Some(thread),
            },
            Committed(committed),
        ))
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Ends when the writer has gone, or is told to stop.
fn tend(connection: &Connection, commits: &Receiver<()>, stopped: &Receiver<Infallible>) {
    while commits.recv().is_ok() {
        if stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        if let Err(error) = checkpoint(connection) {
            // The log keeps growing meanwhile, but nothing is lost.
            tracing::warn!(%error, "store.checkpoint.failed");
        }
    }
}

fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    let mut log = Log::default();
    for _ in 0..ROUNDS {
        log = run(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        if log.pages <= LARGE || log.pages - log.moved <= FEW {
            break;
        }
    }
    if log.pages > LARGE {
        // This one locks the writer out, for the few pages that are left.
        run(connection, "PRAGMA wal_checkpoint(TRUNCATE)")?;
    }
    Ok(())
}

#[derive(Default)]
struct Log {
    pages: i64,
    moved: i64,
}

fn run(connection: &Connection, pragma: &str) -> rusqlite::Result<Log> {
    connection.query_row(pragma, [], |row| {
        Ok(Log {
            pages: row.get(1)?,
            moved: row.get(2)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::engine::sqlite::connection::{create, open_checkpointer, open_reader};

    /// A database, and the size of its log.
    fn database(name: &str) -> (PathBuf, impl Fn() -> u64) {
        let path = std::env::temp_dir().join(format!("keywright-{name}-{}", std::process::id()));
        let wal = format!("{}-wal", path.display());
        (path, move || std::fs::metadata(&wal).unwrap().len())
    }

    fn fill(writer: &Connection, pages: i64) {
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
                    INSERT INTO filler SELECT zeroblob(4000) FROM n";
        writer.execute(rows, [pages]).unwrap();
    }

    fn remove(path: &Path) {
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_large_log_is_moved_and_cut() {
        let (path, log_size) = database("large-log");
        let writer = create(&path).unwrap();
        writer
            .execute_batch("CREATE TABLE filler (b BLOB)")
            .unwrap();
        let checkpointer = open_checkpointer(&path).unwrap();
        fill(&writer, LARGE + 1);
        assert!(log_size() > 64 << 20);
        checkpoint(&checkpointer).unwrap();
        assert_eq!(log_size(), 0);
        drop((checkpointer, writer));
        remove(&path);
    }

    #[test]
    fn a_reader_in_the_way_puts_it_off() {
        let (path, log_size) = database("read-log");
        let writer = create(&path).unwrap();
        writer
            .execute_batch("CREATE TABLE filler (b BLOB)")
            .unwrap();
        fill(&writer, 10);
        let reader = open_reader(&path).unwrap();
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM filler")
            .unwrap();
        fill(&writer, LARGE + 1);
        let checkpointer = open_checkpointer(&path).unwrap();
        checkpoint(&checkpointer).unwrap();
        assert!(log_size() > 0, "the reader still needs it");
        fill(&writer, 1);
        reader.execute_batch("COMMIT").unwrap();
        checkpoint(&checkpointer).unwrap();
        assert_eq!(log_size(), 0);
        drop((checkpointer, reader, writer));
        remove(&path);
    }
}
