//! A database of its own for each test, on either engine.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use keywright_store::{Store, StoreConfig};

use crate::environment;

/// A machine that makes and drops databases by the hundred may keep one waiting for longer than a server would wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database, gone when this is dropped.
pub struct Database {
    config: StoreConfig,
    /// Holds the SQLite file.
    _folder: Option<Folder>,
    postgres: Option<String>,
}

/// A temporary folder, removed when this is dropped.
pub struct Folder(PathBuf);

impl Database {
    pub async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = Folder::new();
                let config = StoreConfig::Sqlite {
                    path: folder.path().join("keywright.db"),
                };
                Self {
                    config,
                    _folder: Some(folder),
                    postgres: None,
                }
            }
            Engine::Postgres => {
                let name = unique("keywright_test").replace('-', "_");
                execute(&format!("CREATE DATABASE {name}")).await;
                let config = StoreConfig::Postgres {
                    url: at(environment().postgres(), &name),
                    pool_size: 16,
                    node: "test".to_owned(),
                };
                Self {
                    config,
                    _folder: None,
                    postgres: Some(name),
                }
            }
        }
    }

    /// Opens it; a second time as another node would.
    pub async fn open(&self) -> Store {
        let opened = Store::open_with_deadline(&self.config, PATIENCE).await;
        opened.expect("the database opens")
    }

    /// The URL, for a process of its own; SQLite has none.
    pub fn url(&self) -> &str {
        match &self.config {
            StoreConfig::Postgres { url, .. } => url,
            StoreConfig::Sqlite { .. } => panic!("a file has no URL"),
        }
    }

    /// Runs SQL behind the issuer's back, as an intruder in the database would.
    pub async fn meddle(&self, sql: &str) {
        match &self.config {
            StoreConfig::Sqlite { path } => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection
                    .busy_timeout(Duration::from_secs(10))
                    .expect("a timeout");
                connection.execute_batch(sql).expect(sql);
            }
            StoreConfig::Postgres { url, .. } => execute_at(url, sql).await,
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.postgres {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // The test's own runtime is busy dropping us.
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.expect("a runtime").block_on(execute(&sql));
            });
            let _ = dropped.join();
        }
    }
}

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(unique("keywright-test"));
        std::fs::create_dir(&path).expect("a folder of that name is new");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A name that no other test of this machine has: tests run in parallel, and so may two checkouts.
fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{count}", std::process::id())
}

/// The URL of another database on the same server.
fn at(url: &str, database: &str) -> String {
    let (server, _) = url
        .rsplit_once('/')
        .expect("postgres://user:password@host:port/database");
    format!("{server}/{database}")
}

async fn execute(sql: &str) {
    execute_at(environment().postgres(), sql).await;
}

async fn execute_at(url: &str, sql: &str) {
    let connected = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
    let (client, connection) = connected.expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    let _ = connection.await;
}
