//! `arch`: the rooms and the arrows between them. A rule that nobody checks is a wish.
//!
//! The tables below are the rules; the files of this folder know how to look.

mod arrows;
mod bans;
mod externals;
mod sizes;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::bans::Ban;
use crate::process;
use crate::source::Source;

/// Check the arrows between the crates, and print the longest files and functions.
///
/// Three rules: which crates of ours a room may use, which outside crates it may never bring in (however indirectly),
/// and what its source may not mention. Sizes are for you to look at; they fail nothing.
#[derive(clap::Args)]
pub struct Options {}

/// One crate under crates/.
struct Room {
    name: &'static str,
    /// Crates of ours that its normal dependencies may name.
    may_use: &'static [&'static str],
    /// Outside crates that must not be in its dependency tree.
    never: &'static [&'static str],
    /// Published libraries are judged by their default features: what they add is the caller's choice.
    features: Features,
}

#[derive(Clone, Copy, PartialEq)]
enum Features {
    Default,
    All,
}

/// Whoever verifies tokens must not build a server, a database or a log format for it.
const NO_SERVER: &[&str] = &[
    "axum",
    "clap",
    "http",
    "hyper",
    "hyper-util",
    "lettre",
    "reqwest",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "tower",
    "tracing-subscriber",
];
/// Rules must be testable without a runtime, a network, a database or a file.
const NO_WORLD: &[&str] = &[
    "axum",
    "clap",
    "deadpool-postgres",
    "http",
    "hyper",
    "hyper-util",
    "lettre",
    "libsqlite3-sys",
    "reqwest",
    "rusqlite",
    "rustls",
    "tokio",
    "tokio-postgres",
    "tower",
    "tracing-subscriber",
];
const NO_SQL: &[&str] = &[
    "deadpool-postgres",
    "libsqlite3-sys",
    "rusqlite",
    "tokio-postgres",
];
const NO_HTTP: &[&str] = &["axum", "http", "hyper", "hyper-util", "reqwest", "tower"];

const ROOMS: &[Room] = &[
    room("jwt", &[], NO_SERVER, Features::Default),
    room("verify", &["keywright-jwt"], NO_SERVER, Features::Default),
    room("domain", &["keywright-jwt"], NO_WORLD, Features::All),
    room("store", &["keywright-domain"], NO_HTTP, Features::All),
    room(
        "custody",
        &["keywright-domain", "keywright-jwt"],
        NO_SQL,
        Features::All,
    ),
    room(
        "http",
        &["keywright-domain", "keywright-verify", "keywright-jwt"],
        NO_SQL,
        Features::All,
    ),
    room("drill", &["keywright-jwt"], NO_SQL, Features::All),
    room(
        "app",
        &[
            "keywright-jwt",
            "keywright-verify",
            "keywright-domain",
            "keywright-store",
            "keywright-custody",
            "keywright-http",
            "keywright-drill",
        ],
        &[],
        Features::All,
    ),
];

const fn room(
    name: &'static str,
    may_use: &'static [&'static str],
    never: &'static [&'static str],
    features: Features,
) -> Room {
    Room {
        name,
        may_use,
        never,
        features,
    }
}

const BANS: &[Ban] = &[
    Ban {
        rooms: &["domain", "jwt"],
        paths: &[
            "SystemTime::now",
            "Instant::now",
            "Timestamp::now",
            "Zoned::now",
        ],
        reason: "take the Clock port: tests run a year of key rotations in milliseconds",
    },
    Ban {
        rooms: &["domain"],
        paths: &[
            "Uuid::new_v4",
            "Uuid::now_v7",
            "rand::fill",
            "SystemRandom",
            "OsRng",
            "getrandom",
        ],
        reason: "take the Entropy port: a failed property test must replay",
    },
    Ban {
        rooms: &["domain", "http", "jwt"],
        paths: &["std::env", "std::fs", "tokio::fs"],
        reason: "configuration and files are read in app and handed in",
    },
];

/// A broken rule and where.
#[derive(Debug, PartialEq)]
struct Violation {
    file: String,
    line: usize,
    reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

pub fn run(_: &Options) -> Result<()> {
    let root = process::root();
    sizes::print(&root)?;
    let mut violations = Vec::new();
    for name in folders(&root.join("crates"))? {
        let file = format!("crates/{name}/Cargo.toml");
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            let reason = format!("room {name} has no row in xtask/src/arch.rs");
            violations.push(Violation {
                file,
                line: 1,
                reason,
            });
            continue;
        };
        let manifest = fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        violations.extend(arrows::check(room, &file, &manifest)?);
        violations.extend(externals::check(room, &file, &manifest)?);
        violations.extend(check_sources(&root, room)?);
    }
    if violations.is_empty() {
        return Ok(());
    }
    for violation in &violations {
        println!("{violation}");
    }
    bail!("{} violations of the architecture", violations.len())
}

fn check_sources(root: &Path, room: &Room) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for path in rust_files(&root.join("crates").join(room.name).join("src"))? {
        let source = Source::read(&fs::read_to_string(&path)?);
        let file = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        violations.extend(bans::check(room.name, &file, &source));
    }
    Ok(violations)
}

fn folders(parent: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// All Rust files below a folder, in a stable order.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            } else if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
            {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}
