//! What the test binaries reported, added up.

use std::process::ExitCode;

#[derive(Debug, Default, PartialEq)]
pub struct Summary {
    passed: u32,
    failed: u32,
    ignored: u32,
    /// Whether cargo itself was content: a binary that crashes reports no failed test.
    pub ended_well: bool,
}

impl Summary {
    /// Reads libtest's `test result: ok. 3 passed; 0 failed; 1 ignored; …`; other lines count nothing.
    pub fn add(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else {
            return;
        };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(kind)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u32>() else {
                continue;
            };
            match kind {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Prints the last line, `N passed, M failed`.
    pub fn report(&self) -> ExitCode {
        if self.ignored > 0 {
            println!("{} ignored: run them, or delete them", self.ignored);
        }
        if self.passed + self.failures() == 0 {
            println!("no test has that name");
        }
        println!("{} passed, {} failed", self.passed, self.failures());
        if self.is_success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// A filter that matches nothing is a mistake, not a success.
    fn is_success(&self) -> bool {
        self.failures() == 0 && self.passed > 0
    }

    /// A binary that crashed or did not build names no test, and must not read as "0 failed".
    fn failures(&self) -> u32 {
        if self.ended_well {
            self.failed
        } else {
            self.failed.max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary_of(output: &str, ended_well: bool) -> Summary {
        let mut summary = Summary {
            ended_well,
            ..Summary::default()
        };
        output.lines().for_each(|line| summary.add(line));
        summary
    }

    #[test]
    fn results_of_all_binaries_are_added_up() {
        let output = "running 3 tests\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 5 filtered out; finished in 0.1s\n\
            test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.2s";
        let expected = Summary {
            passed: 7,
            failed: 2,
            ignored: 1,
            ended_well: false,
        };
        assert_eq!(summary_of(output, false), expected);
    }

    #[test]
    fn crashed_binary_is_a_failure_even_if_no_test_is_named() {
        let crashed = summary_of("test result: ok. 3 passed; 0 failed;", false);
        assert_eq!(crashed.failures(), 1);
        assert!(!crashed.is_success());
        assert!(summary_of("test result: ok. 3 passed; 0 failed;", true).is_success());
    }

    #[test]
    fn filter_that_matches_nothing_is_a_failure() {
        assert!(!summary_of("test result: ok. 0 passed; 0 failed;", true).is_success());
    }
}
