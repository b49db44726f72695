//! Where the engines differ. Nothing else in this crate asks which one it is.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A word of our SQL, what it is on SQLite, and what it is on PostgreSQL.
const WORDS: &[(&str, &str, &str)] = &[
    ("{blob}", "BLOB", "BYTEA"),
    ("{int}", "INTEGER", "BIGINT"),
    // Byte order on both: lists are paged by it.
    ("{text}", "TEXT", "TEXT COLLATE \"C\""),
    ("{table}", "STRICT", ""),
    // Read and written in the order of its key alone.
    ("{clustered_table}", "STRICT, WITHOUT ROWID", ""),
    // A line for one engine.
    ("{sqlite}", "", "--"),
    ("{postgres}", "--", ""),
    // The first half of the blob `jti` as a number, for the step that divides it. SQLite reads hexadecimal in JSON5 alone.
    (
        "{jti_head}",
        "'[0x' || hex(substr(jti, 1, 8)) || ']' ->> 0",
        "('x' || encode(substr(jti, 1, 8), 'hex'))::bit(64)::bigint",
    ),
    // The blob `jti_tail` as a number in the order of its bytes, for the step that turns it into one. SQLite's numbers have no 64 bits
    // without a sign, so it puts two together.
    (
        "{jti_tail}",
        "((('[0x' || hex(substr(jti_tail, 1, 4)) || ']' ->> 0) - 2147483648) << 32) \
         | ('[0x' || hex(substr(jti_tail, 5, 4)) || ']' ->> 0)",
        "('x' || encode(jti_tail, 'hex'))::bit(64)::bigint # '-9223372036854775808'::bigint",
    ),
    // Rows that are updated in place: with room on the page PostgreSQL need not touch the indexes (HOT).
    ("{hot_table}", "STRICT", "WITH (fillfactor = 75)"),
    // One row for each element of the JSON array in the first parameter, as `value`.
    (
        "{json_rows}",
        "json_each($1)",
        "json_array_elements($1::text::json)",
    ),
    // SQLite has one writer at a time, so nothing that a write has read can change under it.
    ("{for_update}", "", "FOR UPDATE"),
    ("{for_share}", "", "FOR SHARE"),
    ("{skip_locked}", "", "FOR UPDATE SKIP LOCKED"),
    (
        "{table_named}",
        "sqlite_schema WHERE type = 'table' AND name =",
        "pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename =",
    ),
    // SQLite takes its one write lock when a transaction begins. The number is ours alone, drawn once.
    (
        "{lock_schema}",
        "SELECT 0",
        "SELECT pg_advisory_xact_lock(7021563318420913)",
    ),
];

impl Dialect {
    /// `text` in the words of this engine. Parameters are `$1`, `$2` …: SQLite would take `$1` for a name and number it
    /// by its place, so there they are `?1`, `?2` …
    pub(crate) fn render(self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, sqlite, postgres) in WORDS {
            text = text.replace(
                word,
                match self {
                    Dialect::Sqlite => sqlite,
                    Dialect::Postgres => postgres,
                },
            );
        }
        match self {
            Dialect::Sqlite => text.replace('$', "?"),
            Dialect::Postgres => text,
        }
    }

    /// Asks how the engine would run a statement that has been prepared under the name `plan` (PostgreSQL) or is
    /// given as it stands (SQLite).
    pub(crate) fn explain(self, rendered: &str, parameters: usize) -> String {
        match self {
            Dialect::Sqlite => format!("EXPLAIN QUERY PLAN {rendered}"),
            Dialect::Postgres if parameters == 0 => "EXPLAIN EXECUTE plan".to_owned(),
            Dialect::Postgres => format!(
                "EXPLAIN EXECUTE plan ({})",
                vec!["NULL"; parameters].join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_on_both_engines() {
        let text = "SELECT a FROM t WHERE b = $2 AND c = $1 {for_update}";
        assert_eq!(
            Dialect::Sqlite.render(text),
            "SELECT a FROM t WHERE b = ?2 AND c = ?1 "
        );
        assert_eq!(
            Dialect::Postgres.render(text),
            "SELECT a FROM t WHERE b = $2 AND c = $1 FOR UPDATE"
        );
    }

    #[test]
    fn no_word_is_left_untranslated() {
        let all: String = WORDS.iter().map(|(word, ..)| *word).collect();
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            assert!(!dialect.render(&all).contains(['{', '}']));
        }
    }
}
