//! Why a database cannot be opened.

use std::path::PathBuf;

use crate::{MigrateError, UrlError};

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}: {source}")]
    Sqlite {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error(
        "{path}: the file system does not support write-ahead logging (the journal mode stayed `{mode}`)"
    )]
    NoWal { path: PathBuf, mode: String },
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("the connection pool cannot be set up: {0}")]
    Pool(String),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}
