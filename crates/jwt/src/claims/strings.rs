use std::borrow::Cow;

use crate::json::Reader;

/// A claim that is one string or an array of strings; where it stands, quotes and brackets included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    pub start: u32,
    pub end: u32,
}

/// The strings of a claim such as `aud` or `roles`, read where they stand.
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    json: &'a str,
}

impl<'a> Strings<'a> {
    pub(super) fn at(payload: &'a str, list: Option<List>) -> Self {
        Self {
            json: list.map_or("", |list| &payload[list.start as usize..list.end as usize]),
        }
    }

    /// Whether exactly this string is among them.
    pub fn contains(&self, wanted: &str) -> bool {
        self.clone().any(|item| item == wanted)
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Cow<'a, str>> {
        // The list was validated when the payload was read: strings, and punctuation to step over.
        let start = self.json.find('"')?;
        let mut reader = Reader::over(&self.json[start..]);
        let item = reader.string().ok()?;
        self.json = &self.json[start + reader.position()..];
        Some(item)
    }
}
