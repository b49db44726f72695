//! Rule 1: which crates of ours a room may name among its dependencies. Tests (dev-dependencies) may use any.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::{Room, Violation};

pub fn check(room: &Room, file: &str, manifest: &str) -> Result<Vec<Violation>> {
    let table: Table = manifest
        .parse()
        .with_context(|| format!("{file} is no TOML"))?;
    let mut violations = Vec::new();
    for (key, package) in ours(&table) {
        if !room.may_use.contains(&package.as_str()) {
            let reason = format!(
                "{} must not use {package} (DESIGN: rooms and arrows)",
                room.name
            );
            let line = line_of(manifest, &key);
            violations.push(Violation {
                file: file.to_owned(),
                line,
                reason,
            });
        }
    }
    Ok(violations)
}

/// The line of a manifest that declares this dependency.
pub fn line_of(manifest: &str, key: &str) -> usize {
    let declares = |line: &str| {
        line.trim_start_matches("[dependencies.")
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(['.', '=', ']']))
    };
    manifest
        .lines()
        .position(declares)
        .map_or(1, |index| index + 1)
}

/// Dependencies on our crates: the key and the package, which `package = "…"` may rename.
fn ours(manifest: &Table) -> Vec<(String, String)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets.into_iter().flat_map(Table::values);
    let parents = per_target.filter_map(Value::as_table).chain([manifest]);
    let mut found = Vec::new();
    for parent in parents {
        for kind in ["dependencies", "build-dependencies"] {
            let table = parent.get(kind).and_then(Value::as_table);
            for (key, value) in table.into_iter().flatten() {
                let renamed = value.get("package").and_then(Value::as_str);
                found.push((key.clone(), renamed.unwrap_or(key).to_owned()));
            }
        }
    }
    found.retain(|(_, package)| package.starts_with("keywright"));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::ROOMS;

    fn reasons(name: &str, manifest: &str) -> Vec<String> {
        let room = ROOMS.iter().find(|room| room.name == name).unwrap();
        let violations = check(room, "Cargo.toml", manifest).unwrap();
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn http_that_names_the_store_is_caught() {
        let manifest = "[package]\nname = \"keywright-http\"\n[dependencies]\nkeywright-domain.workspace = true\nkeywright-store.workspace = true\n";
        let expected = "Cargo.toml:5: http must not use keywright-store (DESIGN: rooms and arrows)";
        assert_eq!(reasons("http", manifest), [expected]);
    }

    #[test]
    fn renamed_build_and_target_dependencies_are_caught() {
        for manifest in [
            "[dependencies]\nrows = { package = \"keywright-store\", path = \"x\" }\n",
            "[build-dependencies]\nkeywright-store.workspace = true\n",
            "[target.'cfg(unix)'.dependencies]\nkeywright-store = { path = \"x\" }\n",
            "[dependencies.keywright-store]\npath = \"x\"\n",
        ] {
            let caught = reasons("domain", manifest);
            assert_eq!(caught.len(), 1, "{manifest}");
            assert!(caught[0].starts_with("Cargo.toml:"), "{manifest}");
        }
    }

    #[test]
    fn allowed_arrows_and_test_dependencies_pass() {
        let manifest = "[dependencies]\nkeywright-jwt.workspace = true\n[dev-dependencies]\nkeywright-store.workspace = true\n";
        assert_eq!(reasons("domain", manifest), Vec::<String>::new());
    }
}
