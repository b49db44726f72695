//! Rows on their way out of a statement, read column by column and strictly: what Keywright has not written is corrupt.

use std::str::FromStr;

use keywright_domain::Time;
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use tokio_postgres::types::Type;

use crate::fault::Fault;

/// One row, read from left to right.
pub(crate) struct Columns<'r> {
    row: Row<'r>,
    /// Which table the columns at hand belong to, and where its id stands: for the log, when one of them is corrupt.
    table: &'static str,
    id: usize,
    next: usize,
}

#[derive(Clone, Copy)]
enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

#[derive(Clone, Copy)]
enum Cell<'r> {
    Null,
    Int(i64),
    Text(&'r str),
    Blob(&'r [u8]),
}

impl<'r> Columns<'r> {
    pub(super) fn of_sqlite(row: &'r rusqlite::Row<'r>) -> Self {
        Self {
            row: Row::Sqlite(row),
            table: "",
            id: 0,
            next: 0,
        }
    }

    pub(super) fn of_postgres(row: &'r tokio_postgres::Row) -> Self {
        Self {
            row: Row::Postgres(row),
            table: "",
            id: 0,
            next: 0,
        }
    }

    /// Says that the columns from here on are those of a row of `table`, its id first.
    pub(crate) fn row_of(&mut self, table: &'static str) -> &mut Self {
        (self.table, self.id) = (table, self.next);
        self
    }

    pub(crate) fn int(&mut self) -> Result<i64, Fault> {
        self.opt_int()?.ok_or_else(|| self.corrupt())
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, Fault> {
        match self.take() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Int(number)) => Ok(Some(number)),
            Some(Cell::Text(_) | Cell::Blob(_)) | None => Err(self.corrupt()),
        }
    }

    pub(crate) fn text(&mut self) -> Result<&'r str, Fault> {
        self.opt_text()?.ok_or_else(|| self.corrupt())
    }

    pub(crate) fn opt_text(&mut self) -> Result<Option<&'r str>, Fault> {
        match self.take() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Int(_) | Cell::Blob(_)) | None => Err(self.corrupt()),
        }
    }

    pub(crate) fn blob(&mut self) -> Result<&'r [u8], Fault> {
        self.opt_blob()?.ok_or_else(|| self.corrupt())
    }

    pub(crate) fn opt_blob(&mut self) -> Result<Option<&'r [u8]>, Fault> {
        match self.take() {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(bytes)) => Ok(Some(bytes)),
            Some(Cell::Int(_) | Cell::Text(_)) | None => Err(self.corrupt()),
        }
    }

    /// A blob of fixed length: an id, a salt, a hash.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.blob()?.try_into().map_err(|_| self.corrupt())
    }

    pub(crate) fn opt_bytes<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Fault> {
        self.opt_blob()?
            .map(<[u8; N]>::try_from)
            .transpose()
            .map_err(|_| self.corrupt())
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Fault> {
        T::try_from(self.int()?).map_err(|_| self.corrupt())
    }

    pub(crate) fn opt_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, Fault> {
        let number = self.opt_int()?.map(T::try_from).transpose();
        number.map_err(|_| self.corrupt())
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Fault> {
        match self.int()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt()),
        }
    }

    pub(crate) fn time(&mut self) -> Result<Time, Fault> {
        self.int().map(Time::from_millis)
    }

    pub(crate) fn opt_time(&mut self) -> Result<Option<Time>, Fault> {
        Ok(self.opt_int()?.map(Time::from_millis))
    }

    pub(crate) fn parse<T: FromStr>(&mut self) -> Result<T, Fault> {
        self.text()?.parse().map_err(|_| self.corrupt())
    }

    pub(crate) fn opt_parse<T: FromStr>(&mut self) -> Result<Option<T>, Fault> {
        self.opt_text()?
            .map(str::parse)
            .transpose()
            .map_err(|_| self.corrupt())
    }

    /// Words separated by single spaces.
    pub(crate) fn words<T: FromStr, C: FromIterator<T>>(&mut self) -> Result<C, Fault> {
        let words = self.text()?.split(' ').filter(|word| !word.is_empty());
        words
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| self.corrupt())
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        serde_json::from_str(self.text()?).map_err(|_| self.corrupt())
    }

    pub(crate) fn opt_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let text = self.opt_text()?;
        text.map(|text| serde_json::from_str(text).map_err(|_| self.corrupt()))
            .transpose()
    }

    /// One of a closed list, by the name under which `name` stores it.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, Fault> {
        let stored = self.text()?;
        all.iter()
            .copied()
            .find(|one| name(*one) == stored)
            .ok_or_else(|| self.corrupt())
    }

    /// The column that was read last does not hold what was written there.
    pub(crate) fn corrupt(&self) -> Fault {
        let id = match self.row.cell(self.id) {
            Some(Cell::Int(number)) => number.to_string(),
            Some(Cell::Text(text)) => text.to_owned(),
            Some(Cell::Blob(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Some(Cell::Null) | None => "?".to_owned(),
        };
        let column = self.row.name(self.next.saturating_sub(1)).to_owned();
        Fault::Corrupt {
            table: self.table,
            id,
            column,
        }
    }

    fn take(&mut self) -> Option<Cell<'r>> {
        let cell = self.row.cell(self.next);
        self.next += 1;
        cell
    }
}

impl<'r> Row<'r> {
    /// The cell at `index`; `None` if it is of a type that we never store.
    fn cell(self, index: usize) -> Option<Cell<'r>> {
        match self {
            Row::Sqlite(row) => match row.get_ref(index).ok()? {
                ValueRef::Null => Some(Cell::Null),
                ValueRef::Integer(number) => Some(Cell::Int(number)),
                ValueRef::Text(text) => std::str::from_utf8(text).ok().map(Cell::Text),
                ValueRef::Blob(bytes) => Some(Cell::Blob(bytes)),
                ValueRef::Real(_) => None,
            },
            Row::Postgres(row) => match *row.columns().get(index)?.type_() {
                Type::INT8 => Some(
                    row.try_get::<_, Option<i64>>(index)
                        .ok()?
                        .map_or(Cell::Null, Cell::Int),
                ),
                Type::TEXT => Some(
                    row.try_get::<_, Option<&str>>(index)
                        .ok()?
                        .map_or(Cell::Null, Cell::Text),
                ),
                Type::BYTEA => Some(
                    row.try_get::<_, Option<&[u8]>>(index)
                        .ok()?
                        .map_or(Cell::Null, Cell::Blob),
                ),
                _ => None,
            },
        }
    }

    fn name(&self, index: usize) -> &'r str {
        match *self {
            Row::Sqlite(row) => row.as_ref().column_name(index).unwrap_or("?"),
            Row::Postgres(row) => row.columns().get(index).map_or("?", |column| column.name()),
        }
    }
}
