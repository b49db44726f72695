//! Statements: written once, rendered once per engine.

use std::sync::OnceLock;

use crate::dialect::Dialect;

/// A statement in the words of `dialect.rs`.
pub(crate) struct Sql {
    pub(crate) name: &'static str,
    text: &'static str,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Sql {
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    pub(crate) fn on(&self, dialect: Dialect) -> &str {
        let rendered = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        rendered.get_or_init(|| dialect.render(self.text))
    }
}

/// The statements of a file, and the list of them by which a test prepares every one on both engines.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$doc])* static $name: crate::statement::Sql =
            crate::statement::Sql::new(concat!(module_path!(), "::", stringify!($name)), $text);)+

        pub(crate) static STATEMENTS: &[&crate::statement::Sql] = &[$(&$name),+];
    };
}

/// Every statement of this crate but those of the migration runner.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [
        crate::assertions::STATEMENTS,
        crate::audit::STATEMENTS,
        crate::catalogs::STATEMENTS,
        crate::clients::STATEMENTS,
        crate::feed::STATEMENTS,
        crate::keys::STATEMENTS,
        crate::notices::STATEMENTS,
        crate::outbox::STATEMENTS,
        crate::devices::STATEMENTS,
        crate::dynamic_clients::STATEMENTS,
        crate::pushed_requests::STATEMENTS,
        crate::upkeep::STATEMENTS,
        crate::verifiers::STATEMENTS,
    ]
    .into_iter()
    .chain(crate::authorizations::statements())
    .chain(crate::ledger::statements())
    .chain(crate::logins::statements())
    .chain(crate::sessions::statements())
    .chain(crate::status::statements())
    .chain(crate::users::statements())
    .flatten()
    .copied()
}
