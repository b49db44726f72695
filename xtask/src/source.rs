//! Rust source as `arch` looks at it: code without comments, text and tests; and the text literals by themselves.
//!
//! A lexer of strings and comments, not a parser: what it must get right is that a word in a comment or a string is no
//! code. Every offset and line of the input stays where it was.

/// One file, taken apart.
pub struct Source {
    /// The code; comments, the inside of literals and `#[cfg(test)]` items are blank.
    pub code: String,
    /// Text literals: where each starts, and what stands in it (escapes as written).
    pub literals: Vec<(usize, String)>,
}

impl Source {
    pub fn read(text: &str) -> Self {
        let mut lexer = Lexer {
            text,
            code: text.as_bytes().to_vec(),
            at: 0,
            literals: Vec::new(),
        };
        while lexer.at < text.len() {
            lexer.step();
        }
        blank_tests(&mut lexer.code);
        // Blanking replaces whole literals and comments, so what is left of them is UTF-8.
        let code = String::from_utf8_lossy(&lexer.code).into_owned();
        Self {
            code,
            literals: lexer.literals,
        }
    }

    /// The line, counted from one, on which this offset stands.
    pub fn line(&self, offset: usize) -> usize {
        self.code
            .as_bytes()
            .iter()
            .take(offset)
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    }
}

/// Whether a byte can be part of a name: words match only as a whole.
pub fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// The offset behind the bracket that closes the one at `open`, or the end of the code.
pub fn behind_closing(code: &[u8], open: usize) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in code.iter().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return offset + 1;
        }
    }
    code.len()
}

struct Lexer<'a> {
    text: &'a str,
    code: Vec<u8>,
    at: usize,
    literals: Vec<(usize, String)>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        match rest {
            [b'/', b'/', ..] => self.blank(length_until(rest, b'\n')),
            [b'/', b'*', ..] => self.blank(block_comment(rest)),
            [b'"', ..] => self.literal(1, quoted(rest, b'"'), 1),
            [b'\'', ..] => match character(&self.text[self.at..]) {
                Some(length) => self.blank(length),
                None => self.at += 1,
            },
            [byte, ..] if is_name(*byte) => self.name_or_raw_text(),
            _ => self.at += 1,
        }
    }

    /// `r"…"`, `br#"…"#` and the like look like a name until their hashes and quote are seen.
    fn name_or_raw_text(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let name = rest.iter().take_while(|byte| is_name(**byte)).count();
        let hashes = rest[name..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        let is_raw = matches!(&rest[..name], b"r" | b"br" | b"cr");
        if !is_raw || rest.get(name + hashes) != Some(&b'"') {
            self.at += name;
            return;
        }
        let opening = name + hashes + 1;
        let closing = format!("\"{}", "#".repeat(hashes));
        let inside = &self.text[self.at + opening..];
        let length = inside.find(&closing).unwrap_or(inside.len());
        let end = (opening + length + closing.len()).min(rest.len());
        self.literal(opening, end, closing.len());
    }

    /// Notes and blanks a literal of `length` bytes, its delimiters included.
    fn literal(&mut self, opening: usize, length: usize, closing: usize) {
        let inside = self.at + opening..(self.at + length).saturating_sub(closing);
        let inside = self.text.get(inside).unwrap_or_default().to_owned();
        self.literals.push((self.at, inside));
        self.blank(length);
    }

    fn blank(&mut self, length: usize) {
        let end = (self.at + length).min(self.code.len());
        blank(&mut self.code[self.at..end]);
        self.at = end;
    }
}

fn blank(code: &mut [u8]) {
    for byte in code {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn length_until(rest: &[u8], end: u8) -> usize {
    rest.iter()
        .position(|byte| *byte == end)
        .unwrap_or(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The length of a character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let mut characters = rest.chars().skip(1);
    let first = characters.next()?;
    if first == '\\' {
        return Some(quoted(rest.as_bytes(), b'\''));
    }
    (characters.next()? == '\'').then_some(first.len_utf8() + 2)
}

/// Rules for production code do not bind tests: blanks every item under `#[cfg(test)]`.
fn blank_tests(code: &mut [u8]) {
    const MARK: &[u8] = b"#[cfg(test)]";
    let mut from = 0;
    while let Some(start) = find(&code[from..], MARK).map(|offset| from + offset) {
        let mut at = start;
        // Attributes may stand between the mark and its item; brackets in them are skipped as a whole.
        while at < code.len() && !matches!(code[at], b'{' | b';') {
            at = if code[at] == b'[' {
                behind_closing(code, at)
            } else {
                at + 1
            };
        }
        from = behind_closing(code, at).max(start + MARK.len());
        if code.get(at) == Some(&b';') {
            from = at + 1;
        }
        blank(&mut code[start..from]);
    }
}

fn find(code: &[u8], word: &[u8]) -> Option<usize> {
    code.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> String {
        Source::read(text)
            .code
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn comments_are_no_code() {
        assert_eq!(code_of("a(); // b()\n/* c /* d */ e */ f();"), "a(); f();");
    }

    #[test]
    fn text_is_no_code_and_is_kept_apart() {
        let source = Source::read(r####"f("a\"b", r#"c "d" e"#, b"g", 'h', '"', '\'', "i")"####);
        let literals: Vec<_> = source
            .literals
            .iter()
            .map(|(_, text)| text.as_str())
            .collect();
        assert_eq!(literals, [r#"a\"b"#, r#"c "d" e"#, "g", "i"]);
        assert!(source.code.starts_with("f(") && source.code.ends_with(')'));
        assert!(!source.code.contains(['"', 'h']));
    }

    #[test]
    fn lifetimes_are_no_characters() {
        assert_eq!(
            code_of("fn f<'a>(x: &'a str, y: &'a str) {}")
                .matches("'a")
                .count(),
            3
        );
    }

    #[test]
    fn test_items_are_blank_and_what_follows_is_not() {
        let text = "a();\n#[cfg(test)]\n#[path = \"x\"]\nmod tests { fn b() { c() } }\nd();\n#[cfg(test)]\nuse e;\nf();";
        assert_eq!(code_of(text), "a(); d(); f();");
    }

    #[test]
    fn lines_stay_where_they_were() {
        let source = Source::read("/* é\n */\nlet s = \"a\nb\";\nx");
        let offset = source.code.find('x').unwrap();
        assert_eq!(source.line(offset), 5);
        assert_eq!(source.line(source.literals[0].0), 3);
    }

    #[test]
    fn unfinished_literals_do_not_panic() {
        for text in [
            "\"",
            "\"\\",
            "r#\"a",
            "'",
            "'\\",
            "/*",
            "b\"",
            "#[cfg(test)]",
            "é'é",
        ] {
            Source::read(text);
        }
    }
}
