//! Opening: a new database is built once, whoever else opens it, and one that does not fit is refused.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use keywright_domain::ports::{Catalogs, Users};
use keywright_store::{MigrateError, OpenError, Store, StoreConfig};

use crate::kit::database::fresh_folder;
use crate::kit::*;

on_both_engines! {
    what_was_written_is_there_when_it_is_opened_again,
    a_database_of_a_newer_version_is_refused,
    a_database_whose_migration_was_edited_is_refused,
}

async fn what_was_written_is_there_when_it_is_opened_again(database: &Database) {
    let user = a_user(&database.store, 1).await;
    let again = database.second_node().await;
    assert_eq!(again.by_id(user.id).await, Ok(Some(user)));
}

async fn a_database_of_a_newer_version_is_refused(database: &Database) {
    database
        .tamper("INSERT INTO migrations (version, checksum) VALUES (99, 1)")
        .await;
    let refused = Store::open(&database.config).await.err().expect("refused");
    assert!(
        matches!(refused, OpenError::Migrate(MigrateError::Newer { .. })),
        "{refused}"
    );
    assert!(refused.to_string().contains("newer Keywright"), "{refused}");
}

async fn a_database_whose_migration_was_edited_is_refused(database: &Database) {
    database
        .tamper("UPDATE migrations SET checksum = checksum + 1 WHERE version = 1")
        .await;
    let refused = Store::open(&database.config).await.err().expect("refused");
    assert!(
        matches!(refused, OpenError::Migrate(MigrateError::Changed(1))),
        "{refused}"
    );
}

/// Opens one new database many times at once.
async fn open_at_once(config: &StoreConfig) {
    let config = Arc::new(config.clone());
    let opens: Vec<_> = (0..16)
        .map(|_| {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    Store::open(&config).await.unwrap().catalog().await.unwrap()
                })
            })
        })
        .collect();
    for open in opens {
        open.join().unwrap();
    }
}

#[tokio::test]
async fn a_new_file_can_be_opened_by_many_at_once() {
    let folder = fresh_folder();
    open_at_once(&StoreConfig::Sqlite {
        path: folder.join("new.db"),
    })
    .await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_new_schema_can_be_opened_by_many_at_once() {
    let database = Database::postgres().await;
    let everything = "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables \
                      WHERE schemaname = current_schema() LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$";
    database.tamper(everything).await;
    open_at_once(&database.config).await;
    database.drop_schema().await;
}

#[tokio::test]
async fn nobody_else_can_read_the_file() {
    let database = Database::sqlite().await;
    let StoreConfig::Sqlite { path } = &database.config else {
        panic!("SQLite")
    };
    a_user(&database.store, 1).await;
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", path.display());
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = fresh_folder();
    let path = folder.join("letter.txt");
    let text = "Dear Keywright, ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let refused = Store::open(&StoreConfig::Sqlite { path: path.clone() })
        .await
        .err()
        .expect("refused");
    assert!(refused.to_string().contains("letter.txt"), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_refused_by_name() {
    let path = "/nowhere/keywright.db".into();
    let refused = Store::open(&StoreConfig::Sqlite { path })
        .await
        .err()
        .expect("refused");
    assert!(
        refused.to_string().contains("/nowhere/keywright.db"),
        "{refused}"
    );
}
