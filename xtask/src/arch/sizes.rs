//! The longest files and functions: a place to look, not a rule to game.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::rust_files;
use crate::source::{Source, behind_closing, is_name};

const SHOWN: usize = 10;

pub fn print(root: &Path) -> Result<()> {
    let (mut files, mut functions) = (Vec::new(), Vec::new());
    for folder in ["crates", "tests", "bench", "xtask"] {
        for path in rust_files(&root.join(folder))? {
            let text = fs::read_to_string(&path)?;
            let file = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            for (line, name, length) in functions_of(&Source::read(&text)) {
                functions.push((length, format!("{file}:{line} {name}")));
            }
            files.push((text.lines().count(), file));
        }
    }
    show("longest files (lines)", files);
    show("longest functions (lines)", functions);
    Ok(())
}

fn show(title: &str, mut rows: Vec<(usize, String)>) {
    rows.sort_by(|one, other| other.cmp(one));
    println!("{title}:");
    for (length, what) in rows.iter().take(SHOWN) {
        println!("  {length:5}  {what}");
    }
}

/// Line, name and length in lines of every function with a body.
fn functions_of(source: &Source) -> Vec<(usize, String, usize)> {
    let code = source.code.as_bytes();
    let starts = source.code.match_indices("fn ").map(|(at, _)| at);
    let functions = starts
        .filter(|at| *at == 0 || !is_name(code[at - 1]))
        .filter_map(|at| {
            let name: String = source.code[at + "fn ".len()..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if name.is_empty() {
                return None;
            }
            let end = behind_closing(code, body(code, at)?);
            let line = source.line(at);
            Some((line, name, source.line(end) - line + 1))
        });
    functions.collect()
}

/// The brace that opens a function's body; a declaration has none.
fn body(code: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < code.len() {
        match code[at] {
            b'{' => return Some(at),
            b';' => return None,
            b'(' | b'[' => at = behind_closing(code, at),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_signature_to_closing_brace() {
        let text = "trait T {\n    fn declared(&self, x: [u8; 2]);\n}\nfn one() {}\nfn four(\n    f: fn (u8),\n) {\n}\nlet fnord = 1;\n";
        let found = functions_of(&Source::read(text));
        assert_eq!(found, [(4, "one".to_owned(), 1), (5, "four".to_owned(), 4)]);
    }
}
