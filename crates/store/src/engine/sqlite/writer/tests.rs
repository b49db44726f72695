//! What writes that share a transaction may do to each other: nothing.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Waker};

use super::Extent::{OneStatement, Several};
use super::*;
use crate::chains::Chains;
use crate::engine::sqlite::checkpoint::Checkpointer;
use crate::engine::sqlite::statements::batch;
use crate::engine::tx::Connection as Engine;

/// A writer on a table of numbers in memory, and the checkpointer that it tells of its commits.
fn writer() -> (Writer, Checkpointer) {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    batch(&connection, "CREATE TABLE numbers (n INTEGER PRIMARY KEY)").unwrap();
    let idle = rusqlite::Connection::open_in_memory().unwrap();
    let (checkpointer, committed) = Checkpointer::start(idle).unwrap();
    let tx = Tx::on_sqlite(connection, Arc::new(Chains::new("main")));
    (
        Writer::start(tx, committed, Duration::from_secs(60)).unwrap(),
        checkpointer,
    )
}

fn sqlite(tx: &Tx) -> &rusqlite::Connection {
    let Engine::Sqlite(connection) = &tx.connection else {
        panic!("SQLite")
    };
    connection
}

fn insert(tx: &Tx, n: i64) -> Result<(), Fault> {
    batch(sqlite(tx), &format!("INSERT INTO numbers VALUES ({n})"))
}

async fn numbers(writer: &Writer) -> Vec<i64> {
    let read = |tx: &mut Tx| {
        let mut statement = sqlite(tx)
            .prepare("SELECT n FROM numbers ORDER BY n")
            .unwrap();
        Ok(statement
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect())
    };
    writer.run(Several, read).await.unwrap()
}

/// Holds the writer until the sender is dropped, so that what follows ends up in one group.
fn hold(
    writer: &Writer,
) -> (
    std::sync::mpsc::Sender<()>,
    impl Future<Output = Result<(), Fault>> + '_,
) {
    let (go, wait) = channel::<()>();
    let held = writer.run(Several, move |_| {
        let _ = wait.recv();
        Ok(())
    });
    (go, held)
}

#[tokio::test]
async fn a_failing_write_leaves_the_rest_of_its_group_alone() {
    let (writer, _checkpointer) = writer();
    let (go, held) = hold(&writer);
    let group = async {
        let release = async {
            tokio::task::yield_now().await;
            drop(go);
        };
        tokio::join!(
            biased;
            held,
            writer.run(Several, |tx| insert(tx, 1)),
            writer.run(Several, |tx| insert(tx, 2).and_then(|()| insert(tx, 2))),
            writer.run(Several, |tx| insert(tx, 3)),
            release,
        )
    };
    let (_, first, second, third, ()) = group.await;
    assert_eq!((first, third), (Ok(()), Ok(())));
    assert!(matches!(second, Err(Fault::Statement { .. })), "{second:?}");
    assert_eq!(numbers(&writer).await, [1, 3]);
}

#[tokio::test]
async fn a_failing_statement_leaves_the_rest_of_its_group_alone() {
    let (writer, _checkpointer) = writer();
    let (go, held) = hold(&writer);
    let two_of_which_one_is_there = "INSERT INTO numbers VALUES (2), (1)";
    let group = async {
        let release = async {
            tokio::task::yield_now().await;
            drop(go);
        };
        tokio::join!(
            biased;
            held,
            writer.run(OneStatement, |tx| insert(tx, 1)),
            writer.run(OneStatement, |tx| batch(sqlite(tx), two_of_which_one_is_there)),
            writer.run(OneStatement, |tx| insert(tx, 3)),
            release,
        )
    };
    let (_, first, second, third, ()) = group.await;
    assert_eq!((first, third), (Ok(()), Ok(())));
    assert!(matches!(second, Err(Fault::Statement { .. })), "{second:?}");
    assert_eq!(numbers(&writer).await, [1, 3]);
}

#[tokio::test]
async fn a_panicking_statement_ends_its_group_and_not_the_writer() {
    let (writer, _checkpointer) = writer();
    let (go, held) = hold(&writer);
    let group = async {
        let release = async {
            tokio::task::yield_now().await;
            drop(go);
        };
        tokio::join!(
            biased;
            held,
            writer.run(OneStatement, |tx| insert(tx, 1)),
            writer.run(OneStatement, |tx| -> Result<(), Fault> {
                insert(tx, 2)?;
                panic!("a bug in one statement")
            }),
            release,
        )
    };
    let (_, first, second, ()) = group.await;
    for lost in [first, second] {
        assert_eq!(lost, Err(Fault::Panicked));
    }
    assert_eq!(numbers(&writer).await, [] as [i64; 0]);
    assert_eq!(
        writer.run(OneStatement, |tx| insert(tx, 4)).await,
        Ok(()),
        "the writer lives on"
    );
}

#[tokio::test]
async fn a_panicking_write_leaves_the_rest_of_its_group_alone() {
    let (writer, _checkpointer) = writer();
    let (go, held) = hold(&writer);
    let group = async {
        let release = async {
            tokio::task::yield_now().await;
            drop(go);
        };
        tokio::join!(
            biased;
            held,
            writer.run(Several, |tx| insert(tx, 1)),
            writer.run(Several, |tx| -> Result<(), Fault> {
                insert(tx, 2)?;
                panic!("a bug in one write")
            }),
            writer.run(Several, |tx| insert(tx, 3)),
            release,
        )
    };
    let (_, first, second, third, ()) = group.await;
    assert_eq!((first, third), (Ok(()), Ok(())));
    assert_eq!(second, Err(Fault::Panicked));
    assert_eq!(numbers(&writer).await, [1, 3]);
    assert_eq!(
        writer.run(Several, |tx| insert(tx, 4)).await,
        Ok(()),
        "the writer lives on"
    );
}

#[tokio::test]
async fn nothing_is_acknowledged_when_the_transaction_is_lost() {
    let (writer, _checkpointer) = writer();
    let (go, held) = hold(&writer);
    let group = async {
        let release = async {
            tokio::task::yield_now().await;
            drop(go);
        };
        tokio::join!(
            biased;
            held,
            writer.run(Several, |tx| insert(tx, 1)),
            // What SQLite does by itself when the disk is full.
            writer.run(Several, |tx| insert(tx, 2).and_then(|()| batch(sqlite(tx), "ROLLBACK"))),
            release,
        )
    };
    let (held, first, second, ()) = group.await;
    for lost in [held, first, second] {
        assert!(matches!(lost, Err(Fault::Unreachable(_))), "{lost:?}");
    }
    assert_eq!(numbers(&writer).await, [] as [i64; 0]);
    assert_eq!(
        writer.run(Several, |tx| insert(tx, 4)).await,
        Ok(()),
        "the writer lives on"
    );
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let (writer, _checkpointer) = writer();
    let writer = Arc::new(writer);
    let (go, wait) = channel::<()>();
    let (begun, first_runs) = oneshot::channel();
    let holder = Arc::clone(&writer);
    let held = tokio::spawn(async move {
        let work = move |_: &mut Tx| {
            let _ = begun.send(());
            let _ = wait.recv();
            Ok(())
        };
        holder.run(Several, work).await
    });
    first_runs.await.unwrap();
    let mut waiting: Vec<_> = (0..QUEUE as i64)
        .map(|n| Box::pin(writer.run(Several, move |tx| insert(tx, n))))
        .collect();
    for write in &mut waiting {
        // The first poll puts it into the queue.
        let polled = write.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
    }
    assert_eq!(
        writer.run(Several, |tx| insert(tx, -1)).await,
        Err(Fault::Overloaded)
    );
    drop(go);
    assert_eq!(held.await.unwrap(), Ok(()));
    for write in waiting {
        assert_eq!(write.await, Ok(()));
    }
    assert_eq!(numbers(&writer).await.len(), QUEUE);
}
