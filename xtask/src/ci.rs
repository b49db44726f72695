//! `ci`: everything that a change must pass, the step that fails fastest first.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::{arch, deny, docs, generate, process, test};

/// Run everything that a change must pass: format, architecture, documents, deny, clippy, rustdoc, generated files, tests.
#[derive(clap::Args)]
pub struct Options {}

type Step = (&'static str, fn() -> Result<()>);

const STEPS: &[Step] = &[
    ("fmt", fmt),
    ("arch", || arch::run(&arch::Options {})),
    ("docs", || docs::run(&docs::Options {})),
    ("deny", || deny::run(&deny::Options {})),
    ("clippy", clippy),
    ("rustdoc", rustdoc),
    ("build", test::build),
    ("gen", generate::check),
];

pub fn run(_: &Options) -> Result<ExitCode> {
    for (name, step) in STEPS {
        timed(name, step)?;
    }
    let summary = timed("test", || test::suite(&test::Options::default()))?;
    Ok(summary.report())
}

#[expect(
    clippy::disallowed_methods,
    reason = "prints how long a step of CI took"
)]
fn timed<T>(name: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let start = Instant::now();
    let done = step().with_context(|| format!("step {name}"))?;
    println!("== {name}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(done)
}

fn fmt() -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    let workspace = ["clippy", "--quiet", "--workspace", "--all-targets"];
    process::run(
        process::cargo()
            .args(workspace)
            .args(["--", "-D", "warnings"]),
    )
}

/// Of the two libraries that others read; a link that leads nowhere is a defect there.
fn rustdoc() -> Result<()> {
    let libraries = ["-p", "keywright-jwt", "-p", "keywright-verify"];
    let mut doc = process::cargo();
    doc.args(["doc", "--quiet", "--no-deps", "--all-features"]);
    process::run(doc.args(libraries).env("RUSTDOCFLAGS", "-D warnings"))
}
