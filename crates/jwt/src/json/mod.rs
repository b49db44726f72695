//! A strict reader for the JSON of tokens and keys: one pass, borrowed, nothing built.
//!
//! General JSON libraries keep the last of two equal members, or the first. Two parties that differ there read two
//! different tokens under one signature (RFC 8725 §2.4, RFC 7515 §4), so here a duplicate is an error at every level.

mod marks;
mod names;
mod number;
mod string;

use std::borrow::Cow;

use marks::Marks;
pub(crate) use names::Name;
use names::Names;

/// Nothing that a token carries for good reason nests this deep; recursion below is bounded by it.
const MAX_DEPTH: u8 = 32;

/// Why text is refused as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Not JSON by the grammar of RFC 8259.
    #[error("syntax error at byte {at}")]
    Syntax {
        /// Where reading stopped.
        at: usize,
    },
    /// An object names a member twice.
    #[error("duplicate member")]
    DuplicateMember,
    /// Deeper than 32 levels.
    #[error("nested too deeply")]
    TooDeep,
    /// More members in one object than can be checked for duplicates at a bounded cost.
    #[error("too many members")]
    TooManyMembers,
    /// An escape names half of a surrogate pair: text that UTF-8 cannot carry.
    #[error("lone surrogate")]
    LoneSurrogate,
    /// A member that is read holds a value of another type.
    #[error("unexpected type at byte {at}")]
    WrongType {
        /// Where the value starts.
        at: usize,
    },
    /// A number is no integer, or so large that implementations disagree about it.
    #[error("number out of range at byte {at}")]
    NumberRange {
        /// Where the number starts.
        at: usize,
    },
}

/// Where a string's content stands in the text, without the quotes. Every caller bounds its text far below 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StringToken {
    pub start: u32,
    pub end: u32,
    pub escaped: bool,
}

pub(crate) struct Reader<'a> {
    text: &'a str,
    marks: Marks,
    at: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    pub fn new(json: &'a [u8]) -> Result<Self, JsonError> {
        std::str::from_utf8(json)
            .map(Self::over)
            .map_err(|_| JsonError::NotUtf8)
    }

    pub fn over(text: &'a str) -> Self {
        Self {
            text,
            marks: Marks::none(),
            at: 0,
            depth: 0,
        }
    }

    /// Reads an object and hands each member's name over; `member` must read exactly the value.
    pub fn object<E: From<JsonError>>(
        &mut self,
        mut member: impl FnMut(&mut Self, Name<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open(b'{')?;
        let mut names = Names::default();
        if self.closes(b'}') {
            return Ok(());
        }
        loop {
            let unescaped;
            let (name, start) = match self.plain_string() {
                Some((start, end)) => {
                    let text = self.text.as_bytes();
                    (Name::within(text, start as usize, end as usize), start)
                }
                None => {
                    let token = self.any_string()?;
                    unescaped = self.resolve(token)?;
                    (Name::new(unescaped.as_bytes()), token.start)
                }
            };
            names.insert(name, start, self)?;
            self.expect(b':')?;
            member(self, name)?;
            if !self.continues(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads an array; `item` must read exactly one value.
    pub fn array<E: From<JsonError>>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.open(b'[')?;
        if self.closes(b']') {
            return Ok(());
        }
        loop {
            item(self)?;
            if !self.continues(b']')? {
                return Ok(());
            }
        }
    }

    /// Reads an array of strings.
    pub fn strings(&mut self, mut each: impl FnMut(&str)) -> Result<(), JsonError> {
        self.array(|reader| {
            each(&reader.string()?);
            Ok(())
        })
    }

    pub fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let token = self.string_token()?;
        self.resolve(token)
    }

    /// The text of a string, its escapes resolved.
    pub fn resolve(&self, token: StringToken) -> Result<Cow<'a, str>, JsonError> {
        let raw = &self.text[token.start as usize..token.end as usize];
        if token.escaped {
            return string::unescape(raw, token.start as usize).map(Cow::Owned);
        }
        Ok(Cow::Borrowed(raw))
    }

    /// Reads the string whose content starts at `start`, which was read before, once more.
    fn string_at(&self, start: u32) -> Result<Cow<'a, str>, JsonError> {
        let mut again = Self::over(self.text);
        again.at = start as usize - 1;
        again.string()
    }

    /// Reads a string and says where it stands. Its escapes have been checked.
    #[inline]
    pub fn string_token(&mut self) -> Result<StringToken, JsonError> {
        match self.plain_string() {
            Some((start, end)) => Ok(StringToken {
                start,
                end,
                escaped: false,
            }),
            None => self.any_string(),
        }
    }

    /// Reads a string if it stands right here and has no escapes, like nearly all.
    #[inline(always)]
    pub fn plain_string(&mut self) -> Option<(u32, u32)> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let start = self.at + 1;
        let end = self.marks.next(bytes, start);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some((start as u32, end as u32))
    }

    #[cold]
    fn any_string(&mut self) -> Result<StringToken, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        let start = self.at + 1;
        let first = self.marks.next(self.text.as_bytes(), start);
        self.escaped_token(start, first)
    }

    /// Reads on from `at`, the first place in a string that is not plain text.
    fn escaped_token(&mut self, start: usize, mut at: usize) -> Result<StringToken, JsonError> {
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                // The escaped byte may be a quote; whether the escape is a valid one is decided when it is resolved.
                Some(b'\\') => {
                    escaped = true;
                    at = self.marks.next(bytes, at + 2);
                }
                // RFC 8259 §7: control characters stand escaped or not at all.
                Some(_) => return Err(JsonError::Syntax { at }),
                None => return Err(JsonError::Syntax { at: bytes.len() }),
            }
        }
        let token = StringToken {
            start: start as u32,
            end: at as u32,
            escaped,
        };
        self.resolve(token)?;
        self.at = at + 1;
        Ok(token)
    }

    /// Reads any value and forgets it, under the same rules.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'{') => self.object(|reader, _| reader.skip()),
            Some(b'[') => self.array(Self::skip),
            Some(b'"') => self.string_token().map(|_| ()),
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| ()),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(_) | None => Err(self.syntax()),
        }
    }

    /// The first byte of the next value.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let next = self.text.as_bytes().get(self.at).copied();
        // Compact JSON, which is what issuers write, has nothing to skip.
        if next.is_some_and(|byte| byte > b' ') {
            next
        } else {
            self.skip_space()
        }
    }

    #[cold]
    fn skip_space(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Where the next value starts, once [`Reader::peek`] has skipped white space.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Refuses anything behind the value.
    pub fn end(&mut self) -> Result<(), JsonError> {
        if self.peek().is_none() {
            Ok(())
        } else {
            Err(self.syntax())
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), JsonError> {
        if self.peek() != Some(bracket) {
            return Err(self.unexpected());
        }
        if self.depth == MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        if closes {
            self.at += 1;
            self.depth -= 1;
        }
        closes
    }

    /// After a member or an item: `true` behind a comma, `false` behind the closing bracket.
    fn continues(&mut self, bracket: u8) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ if self.closes(bracket) => Ok(false),
            Some(_) | None => Err(self.syntax()),
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() != Some(byte) {
            return Err(self.syntax());
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Result<(), JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.syntax());
        }
        self.at += word.len();
        Ok(())
    }

    /// A well-formed value of the wrong type is told apart from broken text: the reasons help whoever debugs.
    #[cold]
    fn unexpected(&mut self) -> JsonError {
        match self.peek() {
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                JsonError::WrongType { at: self.at }
            }
            Some(_) | None => self.syntax(),
        }
    }

    #[cold]
    fn syntax(&self) -> JsonError {
        JsonError::Syntax { at: self.at }
    }
}
