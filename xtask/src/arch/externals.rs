//! Rule 2: outside crates that must not be in a room's dependency tree, however indirectly they come.

use anyhow::Result;

use super::arrows::line_of;
use super::{Features, Room, Violation};
use crate::process;

pub fn check(room: &Room, file: &str, manifest: &str) -> Result<Vec<Violation>> {
    if room.never.is_empty() {
        return Ok(Vec::new());
    }
    let mut cargo = process::cargo();
    cargo.args([
        "tree", "--edges", "normal", "--prefix", "depth", "--format", " {p}",
    ]);
    cargo.args(["--manifest-path", file]);
    if room.features == Features::All {
        cargo.arg("--all-features");
    }
    let tree = process::stdout(&mut cargo)?;
    Ok(forbidden(room, file, manifest, &tree))
}

/// Reads lines of `DEPTH NAME VERSION …`, parents before their dependencies.
fn forbidden(room: &Room, file: &str, manifest: &str, tree: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let Ok(depth) = depth.parse::<usize>() else {
            continue;
        };
        path.truncate(depth);
        path.push(name);
        if room.never.contains(&name) {
            // The room itself stands first; behind it, the dependency that it declares.
            let declared = path.get(1).copied().unwrap_or(name);
            let reason = format!(
                "{} must not bring in {name}: {}",
                room.name,
                path.join(" → ")
            );
            let line = line_of(manifest, declared);
            violations.push(Violation {
                file: file.to_owned(),
                line,
                reason,
            });
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::ROOMS;

    const MANIFEST: &str = "[dependencies]\nserde.workspace = true\nreqwest.workspace = true\n";

    fn reasons(name: &str, tree: &str) -> Vec<String> {
        let room = ROOMS.iter().find(|room| room.name == name).unwrap();
        let violations = forbidden(room, "Cargo.toml", MANIFEST, tree);
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn runtime_behind_an_innocent_dependency_is_caught_with_its_path() {
        let tree = "0 keywright-domain v0.1.0\n1 serde v1.0.0\n2 proc v1.0.0\n2 tokio v1.54.0 (*)\n1 uuid v1.0.0\n";
        let expected =
            "Cargo.toml:2: domain must not bring in tokio: keywright-domain → serde → tokio";
        assert_eq!(reasons("domain", tree), [expected]);
    }

    #[test]
    fn each_room_refuses_its_opposite() {
        for (room, foreign) in [
            ("jwt", "tokio"),
            ("verify", "axum"),
            ("domain", "rusqlite"),
            ("store", "hyper"),
            ("http", "tokio-postgres"),
        ] {
            let tree = format!("0 keywright v0.1.0\n1 {foreign} v1.0.0\n");
            assert_eq!(reasons(room, &tree).len(), 1, "{room} takes {foreign}");
        }
    }

    #[test]
    fn other_crates_pass() {
        let tree = "0 keywright-store v0.1.0\n1 tokio v1.54.0\n2 tokio-macros v2.0.0\n1 rusqlite v0.41.0\n";
        assert_eq!(reasons("store", tree), Vec::<String>::new());
    }
}
