//! Bare SQLite on one thread: the statements that the name of the work asks for, and a commit for as many as are done at
//! once. Nothing is decided, mapped or handed from thread to thread.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, params};

use super::Kind;
use super::meter::{Measured, Meter};

/// Rows that are there before anything is measured; as many as `subject` has sessions.
pub const ROWS: u64 = 2_000;

/// About as long as what a session holds beside the columns that a rotation writes.
const REST: [u8; 260] = [0x41; 260];

pub struct Floor {
    connection: Connection,
    next: u64,
}

impl Floor {
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; \
             CREATE TABLE sessions (id BLOB PRIMARY KEY, sequence INTEGER, used INTEGER, rest BLOB) STRICT;",
        )?;
        let mut this = Self {
            connection,
            next: 0,
        };
        this.group(ROWS, Kind::Login)?;
        Ok(this)
    }

    pub fn measure(&mut self, kind: Kind, at_once: usize, times: usize) -> Result<Measured> {
        let mut latencies = Vec::with_capacity(times);
        let meter = Meter::start()?;
        while latencies.len() < times {
            let began = Instant::now();
            match kind {
                Kind::Read => {
                    self.read(self.next)?;
                    self.next += 1;
                    latencies.push(began.elapsed());
                }
                Kind::Rotation | Kind::Login => {
                    self.group(at_once as u64, kind)?;
                    let took: Duration = began.elapsed();
                    latencies.extend(std::iter::repeat_n(took, at_once));
                }
            }
        }
        meter.stop(latencies)
    }

    fn group(&mut self, at_once: u64, kind: Kind) -> Result<()> {
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])?;
        for _ in 0..at_once {
            match kind {
                Kind::Login => self.insert(self.next)?,
                Kind::Read | Kind::Rotation => {
                    let sequence = self.read(self.next)?;
                    self.rotate(self.next, sequence)?;
                }
            }
            self.next += 1;
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn read(&self, n: u64) -> Result<i64> {
        let mut read = self
            .connection
            .prepare_cached("SELECT sequence, used, rest FROM sessions WHERE id = ?1")?;
        Ok(read.query_row([id(n % ROWS)], |row| {
            row.get_ref(2).and_then(|_| row.get(0))
        })?)
    }

    fn rotate(&self, n: u64, sequence: i64) -> Result<()> {
        let text = "UPDATE sessions SET sequence = ?3, used = ?4 WHERE id = ?1 AND sequence = ?2";
        let mut update = self.connection.prepare_cached(text)?;
        update.execute(params![
            id(n % ROWS),
            sequence,
            sequence + 1,
            n.cast_signed()
        ])?;
        Ok(())
    }

    fn insert(&self, n: u64) -> Result<()> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO sessions VALUES (?1, 1, 0, ?2)")?;
        insert.execute(params![id(n), REST])?;
        Ok(())
    }
}

fn id(n: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id
}
