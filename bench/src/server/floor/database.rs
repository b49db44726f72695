//! The floor's database: one thread commits what has gathered, and each thread reads by a connection of its own.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use anyhow::Result;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use tokio::sync::oneshot;

/// What a token of a session depends on, in one row: the session, its user and its client.
macro_rules! of_session {
    ($column:literal) => {
        concat!(
            "SELECT ",
            $column,
            " FROM sessions s JOIN users u ON u.id = s.user JOIN clients c ON c.id = s.client ",
            "WHERE s.id = ?1 AND u.active = 1 AND c.active = 1"
        )
    };
}

/// At which refresh token it is.
pub const SEQUENCE: &str = of_session!("s.sequence");
pub const EMAIL: &str = of_session!("u.email");

pub const SESSIONS: usize = 1024;
const MOST_IN_A_GROUP: usize = 128;

pub struct Database {
    path: PathBuf,
    writer: mpsc::SyncSender<Job>,
}

/// A token to put on record, and the rotation that it comes from, if any.
struct Job {
    jti: [u8; 16],
    rotation: Option<(i64, i64)>,
    done: oneshot::Sender<bool>,
}

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

impl Database {
    pub fn create(path: PathBuf) -> Result<Self> {
        let (writer, queue) = mpsc::sync_channel(4096);
        let connection = create(&path)?;
        std::thread::spawn(move || write(connection, &queue));
        Ok(Self { path, writer })
    }

    /// Waits until it is durable; false if the session was at another sequence, `None` if the queue is full.
    pub async fn write(&self, jti: [u8; 16], rotation: Option<(i64, i64)>) -> Option<bool> {
        let (done, written) = oneshot::channel();
        let job = Job {
            jti,
            rotation,
            done,
        };
        self.writer.try_send(job).ok()?;
        Some(written.await.unwrap_or(false))
    }

    /// One of the statements above, by a thread's own connection.
    pub fn read<T: FromSql>(&self, sql: &str, session: i64) -> Result<Option<T>> {
        READER.with_borrow_mut(|reader| {
            let connection = match reader {
                Some(connection) => connection,
                None => reader.insert(Connection::open_with_flags(
                    &self.path,
                    OpenFlags::SQLITE_OPEN_READ_ONLY,
                )?),
            };
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement
                .query_row([session], |row| row.get(0))
                .optional()?)
        })
    }
}

fn create(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, active INTEGER NOT NULL, email TEXT NOT NULL);
         CREATE TABLE clients (id INTEGER PRIMARY KEY, active INTEGER NOT NULL);
         CREATE TABLE sessions (id INTEGER PRIMARY KEY, user INTEGER NOT NULL, client INTEGER NOT NULL, sequence INTEGER NOT NULL, used_at INTEGER NOT NULL);
         CREATE TABLE ledger (class INTEGER NOT NULL, jti BLOB NOT NULL, session INTEGER, PRIMARY KEY (class, jti)) WITHOUT ROWID;
         CREATE INDEX ledger_of_session ON ledger (session) WHERE session IS NOT NULL;
         INSERT INTO users VALUES (1, 1, 'floor@example.com'); INSERT INTO clients VALUES (1, 1);",
    )?;
    let fill = connection.transaction()?;
    for session in 0..SESSIONS {
        fill.execute(
            "INSERT INTO sessions VALUES (?1, 1, 1, 1, 0)",
            [i64::try_from(session)?],
        )?;
    }
    fill.commit()?;
    Ok(connection)
}

/// Commits whatever has gathered, then answers all of it.
fn write(mut connection: Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> = std::iter::once(first)
            .chain(queue.try_iter().take(MOST_IN_A_GROUP))
            .collect();
        let done = commit(&mut connection, &group).unwrap_or_default();
        for (index, job) in group.into_iter().enumerate() {
            let _ = job.done.send(done.get(index).copied().unwrap_or(false));
        }
    }
}

fn commit(connection: &mut Connection, group: &[Job]) -> Result<Vec<bool>> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut done = Vec::with_capacity(group.len());
    {
        let sql =
            "UPDATE sessions SET sequence = ?2 + 1, used_at = ?3 WHERE id = ?1 AND sequence = ?2";
        let mut rotate = transaction.prepare_cached(sql)?;
        let sql = "INSERT INTO ledger (class, jti, session) VALUES (1, ?1, ?2)";
        let mut record = transaction.prepare_cached(sql)?;
        for job in group {
            let rotated = match job.rotation {
                Some((session, from)) => {
                    rotate.execute(params![session, from, 1_800_000_000_i64])? == 1
                }
                None => true,
            };
            if rotated {
                let session = job.rotation.map(|(session, _)| session);
                record.execute(params![job.jti, session])?;
            }
            done.push(rotated);
        }
    }
    transaction.commit()?;
    Ok(done)
}
