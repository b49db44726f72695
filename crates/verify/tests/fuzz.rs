//! The fuzz targets as an ordinary test: every entry of the corpora, and seeded mutations of each. The long, instrumented
//! run is a command of its own (fuzz/README.md).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "../../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use targets::TARGETS;

/// How many mutated inputs each target gets. Seeded, so that a failure repeats.
const ROUNDS: u64 = 20_000;

/// Entries named good-… are accepted and no others: a corpus of refusals alone would reach nothing behind the first check.
#[test]
fn every_corpus_entry_is_accepted_or_refused_as_its_name_says() {
    for (name, target) in TARGETS {
        let mut good = 0;
        for (path, input) in corpus(name) {
            let accepted = catch_unwind(|| target(&input));
            assert_eq!(accepted.ok(), Some(is_good(&path)), "{}", path.display());
            good += usize::from(is_good(&path));
        }
        assert!(good > 0, "{name} has no entry good-…");
    }
}

#[test]
fn seeded_mutations_break_no_promise() {
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut accepted = 0;
        for round in 0..ROUNDS {
            let input = mutate(&seeds, &mut dice);
            let answer = catch_unwind(|| target(&input));
            assert!(
                answer.is_ok(),
                "{name}, round {round}: {}",
                String::from_utf8_lossy(&input)
            );
            accepted += usize::from(matches!(answer, Ok(true)));
        }
        // Nobody can change a token and keep its signature; the other targets sign what they are given.
        assert!(
            *name == "token" || accepted > 0,
            "{name}: no mutated input was accepted"
        );
    }
}

fn is_good(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("good-"))
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fuzz/corpus", target]
        .iter()
        .collect();
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

/// xorshift64: the same numbers on every machine, which no generator crate promises across versions.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Pieces that mean something to a reader of tokens.
const WORDS: [&str; 20] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "null",
    "-",
    "1e400",
    "9007199254740993",
    ".",
    "=",
    "alg",
    "none",
    "crit",
    "\u{feff}",
    "é",
];

fn mutate(seeds: &[(PathBuf, Vec<u8>)], dice: &mut Dice) -> Vec<u8> {
    let mut input = seeds[dice.below(seeds.len())].1.clone();
    for _ in 0..=dice.below(3) {
        let at = dice.below(input.len());
        let end = at + dice.below(input.len() - at);
        match dice.below(6) {
            0 if !input.is_empty() => input[at] ^= 1 << dice.below(8),
            1 => drop(input.drain(at..end)),
            2 => {
                let stretch = input[at..end].to_vec();
                input.splice(at..at, stretch);
            }
            3 => {
                let other = &seeds[dice.below(seeds.len())].1;
                let from = dice.below(other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                let word = WORDS[dice.below(WORDS.len())];
                input.splice(at..at, word.bytes());
            }
        }
    }
    input
}
