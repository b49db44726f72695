//! Downloads that are done once: a stamp file says what is installed beside it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Does `install` unless the stamp says that exactly `content` is installed.
pub fn once(stamp: &Path, content: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    if fs::read_to_string(stamp).is_ok_and(|installed| installed == content) {
        return Ok(());
    }
    install()?;
    fs::write(stamp, content).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installs_again_only_when_the_content_changes_or_the_last_attempt_failed() {
        let stamp = std::env::temp_dir().join(format!("keywright-stamp-{}", std::process::id()));
        let mut installed = Vec::new();
        assert!(once(&stamp, "a==1", || anyhow::bail!("no network")).is_err());
        for content in ["a==1", "a==1", "a==2"] {
            once(&stamp, content, || {
                installed.push(content);
                Ok(())
            })
            .unwrap();
        }
        fs::remove_file(stamp).unwrap();
        assert_eq!(installed, ["a==1", "a==2"]);
    }
}
