//! Debian packages, installed by name when a test needs a real server.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// A program that a Debian package brings; the package is installed if the program is not there.
pub fn program(path: &str, package: &str) -> Result<PathBuf> {
    let program = PathBuf::from(path);
    if !program.is_file() {
        install(package)?;
    }
    Ok(program)
}

/// Whether this process may install packages and change its user.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Installs one package; the error names it, because the tests that need it must not be skipped.
pub fn install(package: &str) -> Result<()> {
    if !is_root() || !process::on_path("apt-get") {
        bail!(
            "the Debian package `{package}` is missing: install it, or run this as root on Debian"
        );
    }
    eprintln!("installing the Debian package {package}");
    // The lists of a fresh machine or image are empty or name versions that are gone.
    process::run(apt_get().arg("update"))
        .and_then(|()| {
            process::run(apt_get().args(["install", "-y", "--no-install-recommends", package]))
        })
        .with_context(|| format!("cannot install the Debian package `{package}`"))
}

fn apt_get() -> Command {
    let mut apt_get = Command::new("apt-get");
    apt_get.arg("-qq").env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}
