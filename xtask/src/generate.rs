//! `gen`: documents that the binary writes about itself, so that they cannot drift from the code.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// What `keywright gen WHAT` prints, and the file that holds it.
const DOCUMENTS: &[(&str, &str)] = &[
    ("openapi", "docs/openapi.json"),
    ("config", "docs/configuration.md"),
    ("cli", "docs/cli.md"),
    ("errors", "docs/errors.md"),
];

/// Write the generated documents: OpenAPI, configuration, command line, errors.
///
/// Example: cargo xtask gen --check
#[derive(clap::Args)]
pub struct Options {
    /// Write nothing; fail if a file is not what the code generates
    #[arg(long)]
    check: bool,
}

pub fn run(options: &Options) -> Result<()> {
    // `--workspace` selects the features that the tests use too; `--package keywright` alone would build much twice.
    process::run(process::cargo().args(["build", "--quiet", "--workspace", "--bins"]))?;
    if options.check { check() } else { write() }
}

fn write() -> Result<()> {
    for (what, path) in DOCUMENTS {
        let file = process::root().join(path);
        fs::write(&file, generated(what)?).with_context(|| format!("cannot write {path}"))?;
        println!("{path}");
    }
    Ok(())
}

/// Compares with what the binary prints that is already built.
pub fn check() -> Result<()> {
    let mut stale = Vec::new();
    for (what, path) in DOCUMENTS {
        if !is_current(&process::root().join(path), &generated(what)?) {
            stale.push(*path);
        }
    }
    if !stale.is_empty() {
        bail!(
            "not what the code generates: {}; run `cargo xtask gen`",
            stale.join(", ")
        );
    }
    Ok(())
}

fn is_current(file: &Path, generated: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|written| written == generated)
}

fn generated(what: &str) -> Result<String> {
    let mut keywright = Command::new(process::binary("keywright"));
    process::stdout(keywright.args(["gen", what]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_changed_documents_are_stale() {
        let file = std::env::temp_dir().join(format!("keywright-gen-{}", std::process::id()));
        assert!(!is_current(&file, "text"));
        fs::write(&file, "text").unwrap();
        assert!(is_current(&file, "text"));
        assert!(!is_current(&file, "other"));
        fs::remove_file(file).unwrap();
    }
}
