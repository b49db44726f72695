//! `docs`: what the documents name is there. The threat model is only as good as the tests that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{process, source};

/// Check that tests, files and links that the documents name exist.
#[derive(clap::Args)]
pub struct Options {}

/// Folders of the repository; what begins with one of them between backticks is meant as a path.
const FOLDERS: [&str; 8] = [
    "crates/",
    "tests/",
    "docs/",
    "xtask/",
    "bench/",
    "fuzz/",
    "examples/",
    ".ci/",
];
/// A name of this many words is a test's sentence, a setting or a metric of ours; shorter ones may be anything.
const SENTENCE: usize = 4;

pub fn run(_: &Options) -> Result<()> {
    let root = process::root();
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    let words = words(&files)?;
    let mut missing = Vec::new();
    for file in files.iter().filter(|file| has_extension(file, "md")) {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let folder = file.parent().unwrap_or(&root);
        let shown = file.strip_prefix(&root).unwrap_or(file).display();
        let gone = quoted(&text)
            .filter(|name| !is_there(name, &words, &[&root, folder]))
            .chain(links(&text).filter(|link| !folder.join(link).exists()));
        missing.extend(gone.map(|name| format!("{shown}: there is no {name}")));
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("{}", missing.join("\n"))
}

/// Every file of the repository but what is built or hidden.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Every name in the sources: of tests, functions, settings, metrics.
fn words(files: &[PathBuf]) -> Result<BTreeSet<String>> {
    let mut words = BTreeSet::new();
    for file in files.iter().filter(|file| has_extension(file, "rs")) {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.extend(
            names
                .filter(|name| is_sentence(bare(name)))
                .map(|name| bare(name).to_owned()),
        );
    }
    Ok(words)
}

/// A metric without what the exposition adds to its name.
fn bare(name: &str) -> &str {
    let name = name.strip_prefix("keywright_").unwrap_or(name);
    name.strip_suffix("_total").unwrap_or(name)
}

/// What stands between backticks outside of code blocks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2))
}

/// Targets of links inside the repository, without their anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let files = targets.filter_map(|target| target.split('#').next());
    files.filter(|file| !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:"))
}

fn is_there(name: &str, words: &BTreeSet<String>, folders: &[&Path]) -> bool {
    if is_sentence(bare(name)) {
        return words.contains(bare(name));
    }
    let is_path = FOLDERS.iter().any(|folder| name.starts_with(folder))
        && name
            .bytes()
            .all(|byte| source::is_name(byte) || b"./-".contains(&byte));
    !is_path || folders.iter().any(|folder| folder.join(name).exists())
}

fn is_sentence(name: &str) -> bool {
    let lower = |word: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !word.is_empty() && word.bytes().all(plain)
    };
    name.split('_').count() >= SENTENCE && name.split('_').all(lower)
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|own| own == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_code_blocks_are_not_looked_at() {
        let text = "a `one` b\n```sh\nrun `two`\n```\nthen `three`";
        assert_eq!(quoted(text).collect::<Vec<_>>(), ["one", "three"]);
    }

    #[test]
    fn links_out_of_the_repository_are_not_looked_at() {
        let text =
            "[a](docs/a.md#part) [b](https://b.example) [c](#here) [d](mailto:d@e) [f](f.md)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["docs/a.md", "f.md"]);
    }

    #[test]
    fn a_test_or_a_path_that_is_gone_is_noticed() {
        let words = BTreeSet::from(["the_test_is_here".to_owned()]);
        let root = process::root();
        let there = |name| is_there(name, &words, &[&root]);
        assert!(there("the_test_is_here") && there("xtask/src/docs.rs"));
        assert!(there("keywright_the_test_is_here_total"));
        assert!(!there("the_test_is_gone") && !there("xtask/src/gone.rs"));
        assert!(there("client_id") && there("GET /status") && there("crates/{name}/src"));
    }
}
