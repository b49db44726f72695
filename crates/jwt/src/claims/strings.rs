use std::borrow::Cow;

use super::Span;
use crate::json::Reader;

/// The strings of a claim such as `aud` or `roles`, read where they stand.
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    json: &'a str,
}

impl<'a> Strings<'a> {
    /// `list` is where one string stands or an array of strings, quotes and brackets included.
    pub(super) fn at(payload: &'a str, list: Option<Span>) -> Self {
        Self {
            json: list.map_or("", |list| &payload[list.range()]),
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
        let start = self.json.bytes().position(|byte| byte == b'"')?;
        let content = &self.json[start + 1..];
        let is_end = |byte| byte == b'"' || byte == b'\\';
        let end = content.bytes().position(is_end)?;
        if content.as_bytes()[end] == b'"' {
            self.json = &content[end + 1..];
            return Some(Cow::Borrowed(&content[..end]));
        }
        let mut reader = Reader::over(&self.json[start..]);
        let item = reader.string().ok()?;
        self.json = &self.json[start + reader.position()..];
        Some(item)
    }
}
