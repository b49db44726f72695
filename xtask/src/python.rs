//! Virtual environments under `target/`: pinned programs and clients from PyPI, kept between runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::{apt, process, stamp};

/// Makes sure that `target/NAME` holds exactly these requirements and returns its folder of programs.
pub fn environment(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let folder = process::target().join(name);
    let stamp = folder.join("installed.txt");
    stamp::once(&stamp, &requirements.join("\n"), || {
        let wanted = requirements.join(", ");
        eprintln!("installing {wanted} from PyPI");
        create(&folder)?;
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]);
        process::run(pip.args(requirements))
            .with_context(|| format!("cannot install {wanted} from PyPI"))
    })?;
    Ok(folder.join("bin"))
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
