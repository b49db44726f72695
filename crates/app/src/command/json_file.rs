//! Arguments that are files of JSON.

use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use super::Failure;

pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let read = || -> anyhow::Result<T> { Ok(serde_json::from_slice(&std::fs::read(file)?)?) };
    let value = read().with_context(|| format!("cannot read {}", file.display()));
    value.map_err(Failure::CouldNotRun)
}
