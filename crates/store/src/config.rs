//! Which database, and how this node is called in it.

use std::fmt;
use std::path::PathBuf;

#[derive(Clone)]
pub enum StoreConfig {
    Sqlite {
        /// The database file; created with mode 0600 if it is not there.
        path: PathBuf,
    },
    Postgres {
        /// `postgres://user:password@host/database?sslmode=…`. Honoured are `disable`, `prefer`, `require`, `verify-ca` and
        /// `verify-full`, and `sslrootcert=FILE`; other parameters are those of libpq that tokio-postgres knows.
        url: String,
        /// The most connections at once.
        pool_size: usize,
        /// Names this node's audit chains. Two nodes of the same name share them, and wait for each other.
        node: String,
    },
}

impl fmt::Debug for StoreConfig {
    /// Without the URL: it holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            Self::Postgres {
                pool_size, node, ..
            } => f
                .debug_struct("Postgres")
                .field("pool_size", pool_size)
                .field("node", node)
                .finish_non_exhaustive(),
        }
    }
}
