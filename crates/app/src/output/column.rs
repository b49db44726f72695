//! Columns over the admin API's documents: what a list of them looks like as a table.

use keywright_domain::Time;
use serde_json::Value;

use super::Cell;

/// A column, and the member of the document that fills it.
pub struct Column {
    name: &'static str,
    member: &'static str,
    shape: Shape,
}

#[derive(Clone, Copy)]
enum Shape {
    Text,
    Number,
    Flag,
    /// Seconds since 1970.
    Time,
    /// An array of words.
    Words,
    /// The names of an object's members.
    Names,
    /// Scopes, separated by spaces, under their audience.
    Grants,
}

macro_rules! shapes {
    ($($name:ident = $shape:ident),+ $(,)?) => {$(
        pub const fn $name(name: &'static str) -> Self {
            Self { name, member: name, shape: Shape::$shape }
        }
    )+};
}

impl Column {
    shapes! {
        text = Text,
        number = Number,
        flag = Flag,
        time = Time,
        words = Words,
        names = Names,
        grants = Grants,
    }

    /// The document calls it otherwise.
    #[must_use]
    pub const fn of(mut self, member: &'static str) -> Self {
        self.member = member;
        self
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What is not there, or not what was expected there, is shown as nothing: servers of other versions have other members.
    pub fn cell(&self, document: &Value) -> Cell {
        let value = &document[self.member];
        let cell = match self.shape {
            Shape::Text => value.as_str().map(Cell::text),
            Shape::Number => value.as_i64().map(Cell::Number),
            Shape::Flag => value.as_bool().map(Cell::Flag),
            Shape::Time => value.as_i64().map(|secs| Cell::Time(Time::from_secs(secs))),
            Shape::Words => value
                .as_array()
                .map(|words| Cell::words(words.iter().filter_map(Value::as_str))),
            Shape::Names => value.as_object().map(|object| Cell::words(object.keys())),
            Shape::Grants => value.as_object().map(|object| {
                let grants = object.iter().filter_map(|(audience, scopes)| {
                    Some(format!("{audience}={}", scopes.as_str()?.replace(' ', ",")))
                });
                Cell::words(grants)
            }),
        };
        cell.unwrap_or(Cell::Nothing)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_become_cells() {
        let document = json!({
            "id": "a", "roles": ["x", "y"], "at": 7, "on": true,
            "scopes": { "s": "see" }, "allowed": { "api": "s t" }, "none": null,
        });
        let table = [
            (Column::text("user_id").of("id"), Cell::text("a")),
            (Column::words("roles"), Cell::words(["x", "y"])),
            (Column::time("at"), Cell::Time(Time::from_secs(7))),
            (Column::number("at"), Cell::Number(7)),
            (Column::flag("on"), Cell::Flag(true)),
            (Column::names("scopes"), Cell::words(["s"])),
            (Column::grants("allowed"), Cell::words(["api=s,t"])),
            (Column::text("none"), Cell::Nothing),
            (Column::time("absent"), Cell::Nothing),
            (Column::number("id"), Cell::Nothing),
        ];
        for (column, cell) in table {
            assert_eq!(column.cell(&document), cell, "{}", column.name());
        }
    }
}
