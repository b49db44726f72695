//! An empty database for one test.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use keywright_domain::audit::{ChainCheck, ChainKey, Entry};
use keywright_domain::ports::{AuditLog, AuditQuery};
use keywright_store::{Store, StoreConfig};
use tokio_postgres::NoTls;

pub struct Database {
    pub store: Arc<Store>,
    pub config: StoreConfig,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Schema { url: String, name: String },
}

/// Tells the databases of one run apart.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "keywright_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

pub fn chain_key() -> ChainKey {
    ChainKey::new(&[7; 32])
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one way by which xtask names its server"
)]
pub fn postgres_url() -> String {
    std::env::var("KEYWRIGHT_TEST_POSTGRES").expect(
        "half of this suite needs a PostgreSQL server and KEYWRIGHT_TEST_POSTGRES does not name one: run `cargo xtask test`",
    )
}

/// A folder of its own for each test, gone when the test is.
pub fn fresh_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(unique());
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

impl Database {
    pub async fn sqlite() -> Self {
        let folder = fresh_folder();
        let config = StoreConfig::Sqlite {
            path: folder.join("keywright.db"),
        };
        Self::open(config, Place::Folder(folder)).await
    }

    pub async fn postgres() -> Self {
        let (url, name) = (postgres_url(), unique());
        admin(&url, &format!("CREATE SCHEMA {name}")).await;
        let config = node(&format!("{url}?options=-csearch_path%3D{name}"), "node-a");
        Self::open(config, Place::Schema { url, name }).await
    }

    async fn open(config: StoreConfig, place: Place) -> Self {
        let store = Self::armed(&config).await;
        Self {
            store,
            config,
            place,
        }
    }

    /// Another store on the same database, as a second process or node has it.
    pub async fn second_node(&self) -> Arc<Store> {
        match &self.config {
            StoreConfig::Postgres { url, .. } => Self::armed(&node(url, "node-b")).await,
            sqlite @ StoreConfig::Sqlite { .. } => Self::armed(sqlite).await,
        }
    }

    pub async fn armed(config: &StoreConfig) -> Arc<Store> {
        let store = Self::unarmed(config).await;
        store.arm(chain_key());
        store
    }

    /// Races are about who wins, not about how long a busy machine takes; outage.rs is about the deadline.
    pub async fn unarmed(config: &StoreConfig) -> Arc<Store> {
        let patience = Duration::from_secs(60);
        Arc::new(Store::open_with_deadline(config, patience).await.unwrap())
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.config, StoreConfig::Postgres { .. })
    }

    /// Runs SQL behind the store's back.
    pub async fn tamper(&self, sql: &str) {
        match &self.config {
            StoreConfig::Sqlite { path } => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            StoreConfig::Postgres { url, .. } => admin(url, sql).await,
        }
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        match &self.config {
            StoreConfig::Sqlite { path } => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.query_row(&sql, [], |row| row.get(0)).unwrap()
            }
            StoreConfig::Postgres { url, .. } => {
                let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.query_one(&sql, &[]).await.unwrap().get(0)
            }
        }
    }

    /// For PostgreSQL, whose databases outlive a test.
    pub async fn drop_schema(&self) {
        if let Place::Schema { url, name } = &self.place {
            admin(url, &format!("DROP SCHEMA {name} CASCADE")).await;
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Folder(folder) = &self.place {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn node(url: &str, name: &str) -> StoreConfig {
    StoreConfig::Postgres {
        url: url.to_owned(),
        pool_size: 8,
        node: name.to_owned(),
    }
}

async fn admin(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let task = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    let _ = task.await;
}

/// `host:port` of the server.
pub fn server_address() -> String {
    let url = postgres_url();
    let (_, address) = url.split_once('@').unwrap();
    address.split('/').next().unwrap().to_owned()
}

/// The same database, by way of a proxy on a local port.
pub fn through(config: &StoreConfig, port: u16) -> StoreConfig {
    let StoreConfig::Postgres { url, .. } = config else {
        panic!("PostgreSQL")
    };
    let (before, address) = url.split_once('@').unwrap();
    let (_, path) = address.split_once('/').unwrap();
    node(&format!("{before}@127.0.0.1:{port}/{path}"), "by-proxy")
}

/// All entries of all chains, after proving that each chain is whole.
pub async fn proved_log(store: &Store) -> Vec<Entry> {
    let key = chain_key();
    let mut log = Vec::new();
    for head in store.heads().await.unwrap() {
        let query = AuditQuery {
            chain: head.chain.clone(),
            after: 0,
            limit: u32::MAX,
        };
        let entries = store.entries(&query).await.unwrap();
        let mut check = ChainCheck::new(&key, &head.chain);
        for entry in &entries {
            check.add(entry).unwrap();
        }
        check.finish(&head).unwrap();
        log.extend(entries);
    }
    log
}

/// How many entries of a kind the whole log holds.
pub async fn count_events(store: &Store, kind: keywright_domain::audit::EventKind) -> usize {
    proved_log(store)
        .await
        .iter()
        .filter(|entry| entry.kind == kind.as_str())
        .count()
}
