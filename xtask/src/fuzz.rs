//! `fuzz`: the long run of one fuzz target, with libFuzzer on the stable toolchain.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::process;

/// What cargo-fuzz passes as well, without the sanitizer that needs a nightly compiler: no code of ours is unsafe.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Fuzz one target with coverage guidance until it fails or time is up.
///
/// New inputs are kept in target/fuzz/corpus, failing ones in target/fuzz/findings. The first build takes minutes.
///
/// Example: cargo xtask fuzz claims --seconds 600
#[derive(clap::Args)]
pub struct Options {
    /// token, header, claims, jwk_set, dpop_proof, dpop, status_list, security_event, event_stream (see fuzz/README.md)
    target: String,
    /// How long to go on
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

pub fn run(options: &Options) -> Result<()> {
    let program = build(&options.target)?;
    let found = folder("corpus").join(&options.target);
    let findings = folder("findings").join(&options.target);
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&findings)?;
    let mut fuzzer = std::process::Command::new(program);
    fuzzer
        .arg(format!("-max_total_time={}", options.seconds))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg(found)
        .arg(process::root().join("fuzz/corpus").join(&options.target));
    process::run(&mut fuzzer)
}

/// Instruments everything but build scripts, which an explicit target triple sets apart.
fn build(target: &str) -> Result<PathBuf> {
    let triple =
        process::stdout(std::process::Command::new("rustc").args(["--print", "host-tuple"]))?;
    let triple = triple.trim();
    let mut cargo = process::cargo();
    cargo
        .args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml"])
        .args(["--target", triple, "--bin", target])
        .env("CARGO_TARGET_DIR", process::target().join("fuzz"))
        .env("RUSTFLAGS", COVERAGE);
    process::run(&mut cargo)?;
    Ok(process::target()
        .join("fuzz")
        .join(triple)
        .join("release")
        .join(target))
}

fn folder(name: &str) -> PathBuf {
    process::target().join("fuzz").join(name)
}
