//! PostgreSQL out of reach: a quick no, and back to work by itself when it returns.

use std::sync::Arc;
use std::time::Duration;

use keywright_domain::audit::EventKind;
use keywright_domain::ports::{AuditLog, Sessions, Upkeep, Users};
use keywright_store::{Store, StoreConfig};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::kit::database::{chain_key, server_address, through};
use crate::kit::*;

/// The promise is three seconds; the rest is for a busy machine.
const SOON: Duration = Duration::from_secs(4);

#[derive(Clone, Copy, PartialEq)]
enum Line {
    Open,
    /// Connections are cut and refused.
    Cut,
    /// Nothing is refused, and nothing comes back.
    Silent,
}

/// A proxy before the server, whose line can be cut.
struct Proxy {
    port: u16,
    line: watch::Sender<Line>,
}

impl Proxy {
    async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (line, state) = watch::channel(Line::Open);
        let server = server.to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), state.clone()));
            }
        });
        Self { port, line }
    }
}

async fn carry(mut client: TcpStream, server: String, mut line: watch::Receiver<Line>) {
    if *line.borrow() == Line::Open {
        let Ok(mut server) = TcpStream::connect(server).await else {
            return;
        };
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = line.wait_for(|line| *line != Line::Open) => {}
        }
    }
    // Silent holds the connection without a word until the line is cut or opened again.
    let _ = line.wait_for(|line| *line != Line::Silent).await;
}

async fn is_refused_soon(store: &Store) {
    let user = user(99);
    let everything = async {
        let left = effects(EventKind::LoginFailed);
        tokio::join!(
            async { store.by_id(user.id).await.is_err() },
            async { store.versions().await.is_err() },
            async { store.record(&left).await.is_err() },
            async { store.letters_are_refused().await },
        )
    };
    let refused = timeout(SOON, everything)
        .await
        .expect("an answer within the deadline");
    assert_eq!(refused, (true, true, true, true));
}

trait Letters {
    async fn letters_are_refused(&self) -> bool;
}

impl Letters for Store {
    /// A single statement outside a transaction.
    async fn letters_are_refused(&self) -> bool {
        use keywright_domain::ports::Outbox;
        self.letter_sent([0; 16]).await.is_err()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_outage_is_a_quick_refusal_and_heals_by_itself() {
    let database = Database::postgres().await;
    let proxy = Proxy::to(&server_address()).await;
    let store = Arc::new(
        Store::open(&through(&database.config, proxy.port))
            .await
            .unwrap(),
    );
    store.arm(chain_key());
    let (_, session) = a_session(&store, 1).await;

    for (sequence, line) in (1..).zip([Line::Cut, Line::Silent, Line::Cut]) {
        // More connections than one are in the pool when the line fails.
        let busy = (0..4).map(|_| store.versions());
        for answer in busy.collect::<Vec<_>>() {
            answer.await.unwrap();
        }
        proxy.line.send(line).unwrap();
        is_refused_soon(&store).await;
        proxy.line.send(Line::Open).unwrap();
        let rotation = timeout(
            SOON,
            store.rotate(&presented(&session, sequence), &RULES, &minted, NOW),
        )
        .await;
        assert!(rotation.expect("an answer").is_ok(), "back to work at once");
        let left = effects(EventKind::LoginFailed);
        assert_eq!(
            timeout(SOON, store.record(&left)).await.expect("an answer"),
            Ok(())
        );
    }
    drop(store);
    database.drop_schema().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_so_at_once() {
    let config = StoreConfig::Postgres {
        url: "postgres://keywright:secret-word@127.0.0.1:1/keywright".to_owned(),
        pool_size: 2,
        node: "outage".to_owned(),
    };
    let refused = timeout(SOON, Store::open(&config))
        .await
        .expect("an answer")
        .err()
        .expect("refused");
    assert!(!refused.to_string().contains("secret-word"), "{refused}");
    assert!(!format!("{config:?}").contains("secret-word"), "{config:?}");
}
