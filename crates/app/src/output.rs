//! What commands print: one definition, shown as an aligned table for people or as JSON for scripts.

mod column;

use std::io::{self, Write};

use keywright_domain::Time;
use serde_json::{Map, Value, json};

pub use column::Column;

#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub json: bool,
}

/// One value of a table or record.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Words(Vec<String>),
    Number(i64),
    Flag(bool),
    /// RFC 3339 for people, seconds since 1970 for scripts.
    Time(Time),
    Nothing,
}

pub struct Table<'a> {
    pub columns: &'a [&'static str],
    pub rows: Vec<Vec<Cell>>,
}

impl Output {
    /// A list: an array of objects in JSON.
    pub fn table(self, table: &Table<'_>) -> io::Result<()> {
        let text = if self.json {
            array(table)
        } else {
            aligned(table)
        };
        print(&text)
    }

    /// A list of the admin API's documents.
    pub fn list(self, columns: &[Column], documents: &[Value]) -> io::Result<()> {
        let row = |document| columns.iter().map(|column| column.cell(document)).collect();
        let names: Vec<_> = columns.iter().map(Column::name).collect();
        self.table(&Table {
            columns: &names,
            rows: documents.iter().map(row).collect(),
        })
    }

    /// One of the admin API's documents.
    pub fn one(self, columns: &[Column], document: &Value) -> io::Result<()> {
        let field = |column: &Column| (column.name(), column.cell(document));
        self.record(&columns.iter().map(field).collect::<Vec<_>>())
    }

    /// One thing: an object in JSON.
    pub fn record(self, fields: &[(&'static str, Cell)]) -> io::Result<()> {
        let text = if self.json {
            let object: Map<String, Value> = fields
                .iter()
                .map(|(name, cell)| ((*name).to_owned(), cell.to_json()))
                .collect();
            format!("{}\n", Value::Object(object))
        } else {
            let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            fields
                .iter()
                .map(|(name, cell)| format!("{name:width$}  {}\n", cell.to_text()))
                .collect()
        };
        print(&text)
    }

    /// That something was done.
    pub fn done(self, what: &str) -> io::Result<()> {
        print(&if self.json {
            format!("{}\n", json!({ "done": what }))
        } else {
            format!("{what}\n")
        })
    }

    /// A document that is JSON by nature.
    pub fn document(self, value: &Value) -> io::Result<()> {
        print(&if self.json {
            format!("{value}\n")
        } else {
            format!("{value:#}\n")
        })
    }
}

/// Writes to standard output. A reader that closed the pipe early has read enough.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes to standard error, where nobody could be told that writing failed.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

impl Cell {
    pub fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    pub fn words<T: ToString>(words: impl IntoIterator<Item = T>) -> Self {
        Self::Words(words.into_iter().map(|word| word.to_string()).collect())
    }

    pub fn time(time: Option<Time>) -> Self {
        time.map_or(Self::Nothing, Self::Time)
    }

    fn to_text(&self) -> String {
        match self {
            Cell::Text(text) => harmless(text),
            Cell::Words(words) if words.is_empty() => "-".to_owned(),
            Cell::Words(words) => harmless(&words.join(" ")),
            Cell::Number(number) => number.to_string(),
            Cell::Flag(flag) => (if *flag { "yes" } else { "no" }).to_owned(),
            Cell::Time(time) => time.to_string(),
            Cell::Nothing => "-".to_owned(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Cell::Text(text) => json!(text),
            Cell::Words(words) => json!(words),
            Cell::Number(number) => json!(number),
            Cell::Flag(flag) => json!(flag),
            Cell::Time(time) => json!(time.secs()),
            Cell::Nothing => Value::Null,
        }
    }
}

/// Names, user agents and whole servers may be strangers: no control character reaches the terminal.
pub fn harmless(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

fn array(table: &Table<'_>) -> String {
    let object = |row: &Vec<Cell>| {
        let cells = table
            .columns
            .iter()
            .zip(row)
            .map(|(name, cell)| ((*name).to_owned(), cell.to_json()));
        Value::Object(cells.collect())
    };
    format!(
        "{}\n",
        Value::Array(table.rows.iter().map(object).collect())
    )
}

fn aligned(table: &Table<'_>) -> String {
    let mut lines: Vec<Vec<String>> = vec![
        table
            .columns
            .iter()
            .map(|name| name.to_uppercase())
            .collect(),
    ];
    lines.extend(
        table
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::to_text).collect()),
    );
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|l| l.get(column))
            .map(|c| c.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let line = |cells: &Vec<String>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, w)| format!("{cell:w$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<'static> {
        let row = |name: &str, at| vec![Cell::text(name), Cell::words(["a", "b"]), Cell::time(at)];
        Table {
            columns: &["name", "roles", "at"],
            rows: vec![
                row("ann", Some(Time::from_secs(0))),
                row("x\u{1b}[2J", None),
            ],
        }
    }

    #[test]
    fn people_get_aligned_columns_without_control_characters() {
        let expected =
            "NAME   ROLES  AT\nann    a b    1970-01-01T00:00:00Z\nx\u{fffd}[2J  a b    -\n";
        assert_eq!(aligned(&table()), expected);
    }

    #[test]
    fn scripts_get_an_array_of_objects_with_times_in_seconds() {
        let value: Value = serde_json::from_str(&array(&table())).unwrap();
        assert_eq!(
            value[0],
            json!({ "name": "ann", "roles": ["a", "b"], "at": 0 })
        );
        assert_eq!(value[1]["at"], Value::Null);
    }
}
