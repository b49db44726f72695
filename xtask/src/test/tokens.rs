//! Where SoftHSM keeps the tokens of a run. Its module reads the place from the environment, which a test cannot change in its own process.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process;

/// An empty folder for tokens, and the configuration that names it: those of the run before would only slow this one down.
pub fn fresh() -> Result<PathBuf> {
    let folder = process::target().join("test-env/softhsm");
    let tokens = folder.join("tokens");
    if tokens.exists() {
        fs::remove_dir_all(&tokens).with_context(|| tokens.display().to_string())?;
    }
    fs::create_dir_all(&tokens).with_context(|| tokens.display().to_string())?;
    let conf = folder.join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&conf, text).with_context(|| conf.display().to_string())?;
    Ok(conf)
}
