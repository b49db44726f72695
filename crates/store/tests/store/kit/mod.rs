//! Databases to test on, and people to put in them.

pub mod child;
pub mod database;
pub mod people;

pub use database::Database;
pub use people::*;

/// Writes each test down once and runs it on both engines, each time in an empty database of its own.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    let database = crate::kit::Database::sqlite().await;
                    super::$test(&database).await;
                }
            )+
        }

        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    let database = crate::kit::Database::postgres().await;
                    super::$test(&database).await;
                    database.drop_schema().await;
                }
            )+
        }
    };
}
