//! Virtual environments under `target/`: pinned programs and clients from PyPI, kept between runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::{apt, process};

/// Makes sure that `target/NAME` holds exactly these requirements and returns its folder of programs.
pub fn environment(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let folder = process::target().join(name);
    let programs = folder.join("bin");
    once(
        &folder.join("installed.txt"),
        &requirements.join("\n"),
        || {
            eprintln!("installing {} from PyPI", requirements.join(", "));
            create(&folder)?;
            let mut pip = Command::new(programs.join("python"));
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]);
            process::run(pip.args(requirements))
                .with_context(|| format!("cannot install {} from PyPI", requirements.join(", ")))
        },
    )?;
    Ok(programs)
}

/// Does `install` unless the stamp says that this very content is installed.
pub fn once(stamp: &Path, content: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    if fs::read_to_string(stamp).is_ok_and(|installed| installed == content) {
        return Ok(());
    }
    install()?;
    fs::write(stamp, content).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Debian splits `venv` from `python3`: without the package, `python3 -m venv` exists and fails half-way.
fn create(folder: &Path) -> Result<()> {
    let mut quiet = venv(folder);
    let created = quiet.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if created.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    apt::install("python3-venv")?;
    process::run(&mut venv(folder))
}

fn venv(folder: &Path) -> Command {
    let mut python = Command::new("python3");
    python.args(["-m", "venv", "--clear"]).arg(folder);
    python
}
