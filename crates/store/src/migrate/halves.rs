//! Steps 16 and 17 keep every row of the ledger, and each as it was.

use tokio_postgres::NoTls;

use super::MIGRATIONS;
use crate::dialect::Dialect;

/// Digits and letters at every place, and the first and the last moment that an id can tell.
const IDS: [&str; 4] = [
    "00000000000000000000000000000000",
    "0123456789abcdeffedcba9876543210",
    "019ad0c4f1e2b3a49586778899aabbcc",
    "7fffffffffffffffffffffffffffffff",
];
const SESSION: &str = "019ad0c4f1e27000800000000000abcd";

/// Class, the two halves, session.
type Row = (i64, i64, i64, Option<Vec<u8>>);

/// The steps before, rows as they left them, and the two.
fn script(dialect: Dialect, blob: fn(&str) -> String) -> String {
    let mut script: String = MIGRATIONS[..15].concat();
    for (class, id) in (-1..).zip(IDS) {
        let (id, session) = (blob(id), blob(SESSION));
        script.push_str(&format!(
            "INSERT INTO ledger (class, jti, session_id) VALUES ({class}, {id}, NULL), (7, {id}, {session});"
        ));
    }
    script.push_str(MIGRATIONS[15]);
    script.push_str(MIGRATIONS[16]);
    dialect.render(&script)
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn expected() -> Vec<Row> {
    let mut rows = Vec::new();
    for (class, id) in (-1..).zip(IDS) {
        let head = i64::from_str_radix(&id[..16], 16).unwrap();
        // The order of the bytes: zero is the least number.
        let tail = i128::from_str_radix(&id[16..], 16).unwrap() - (1 << 63);
        let tail = i64::try_from(tail).unwrap();
        rows.push((class, head, tail, None));
        rows.push((7, head, tail, Some(bytes(SESSION))));
    }
    rows.sort();
    rows
}

const READ: &str =
    "SELECT class, jti_head, jti_tail, session_id FROM ledger ORDER BY class, jti_head";

#[test]
fn every_token_on_record_stays_so_on_sqlite() {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    let script = script(Dialect::Sqlite, |digits| format!("x'{digits}'"));
    database.execute_batch(&script).unwrap();
    let mut read = database.prepare(READ).unwrap();
    let rows = read.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    let rows: Result<Vec<Row>, _> = rows.unwrap().collect();
    assert_eq!(rows.unwrap(), expected());
}

#[tokio::test]
async fn every_token_on_record_stays_so_on_postgresql() {
    let (client, connection) = tokio_postgres::connect(&postgres_url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let script = script(Dialect::Postgres, |digits| format!("'\\x{digits}'"));
    let schema = format!("keywright_halves_{}", std::process::id());
    // Never committed, so nothing is left behind.
    let own = format!("BEGIN; CREATE SCHEMA {schema}; SET LOCAL search_path = {schema};");
    client.batch_execute(&(own + &script)).await.unwrap();
    let rows = client.query(READ, &[]).await.unwrap();
    let rows: Vec<Row> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
        .collect();
    assert_eq!(rows, expected());
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one way by which xtask names its server"
)]
fn postgres_url() -> String {
    std::env::var("KEYWRIGHT_TEST_POSTGRES")
        .expect("KEYWRIGHT_TEST_POSTGRES names no PostgreSQL server: run `cargo xtask test`")
}
