//! `mutants`: whether the tests of what decides about a token notice when it is changed.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::{process, test};

/// Change what decides about tokens (crates/jwt and crates/verify), one place at a time, and demand that a test fails each time.
///
/// What is left out, and why, is in .cargo/mutants.toml. One mutant takes ten seconds and all of them hours, so name files
/// for less. It runs with the lowest priority, on a copy of the tree; outcomes stay in target/mutants/mutants.out.
/// The tool: cargo install cargo-mutants --locked
///
/// Example: cargo xtask mutants crates/verify/src/policy.rs 'crates/jwt/src/claims/*.rs'
#[derive(clap::Args)]
pub struct Options {
    /// Only mutants of these files
    files: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    if !is_installed()? {
        bail!("cargo-mutants is missing: cargo install cargo-mutants --locked");
    }
    let work = process::target().join("mutants");
    let mut mutants = Command::new("nice");
    mutants
        .args(["-n", "19", "cargo", "mutants", "--jobs", "1"])
        .args([
            "--package",
            "keywright-jwt",
            "--package",
            "keywright-verify",
        ])
        .args(options.files.iter().flat_map(|file| ["--file", file]))
        .arg("--output")
        .arg(&work)
        .current_dir(process::root())
        .env("CARGO_TARGET_DIR", work.join("target"))
        // Nobody reads a backtrace of a mutant, and building takes most of the time.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("KEYWRIGHT_TEST_WYCHEPROOF", test::vectors::fetch()?);
    process::run(&mut mutants)
}

fn is_installed() -> Result<bool> {
    let mut version = process::cargo();
    version.args(["mutants", "--version"]);
    let version = version.stdout(Stdio::null()).stderr(Stdio::null());
    Ok(version.status()?.success())
}
