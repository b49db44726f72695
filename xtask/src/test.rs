//! `test`: the whole suite, against a real PostgreSQL and real client libraries.

mod clients;
mod open_bao;
mod postgres;
mod summary;
mod tokens;
pub mod vectors;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

pub use self::clients::Clients;
use self::postgres::Postgres;
use self::summary::Summary;
use crate::{apt, process};

/// Run every test of the workspace; ends with one line, `N passed, M failed`.
///
/// Installs by name what the tests need (as root on Debian), starts a PostgreSQL of its own in a temporary folder on a
/// free port, and stops it again. Tests find these in KEYWRIGHT_TEST_POSTGRES, KEYWRIGHT_TEST_PYTHON,
/// KEYWRIGHT_TEST_NODE, KEYWRIGHT_TEST_NODE_MODULES, KEYWRIGHT_TEST_CHROMIUM, KEYWRIGHT_TEST_CHROMEDRIVER, KEYWRIGHT_TEST_APACHE,
/// KEYWRIGHT_TEST_SOFTHSM (with SOFTHSM2_CONF, a fresh folder of tokens), KEYWRIGHT_TEST_BAO (the program of OpenBao),
/// KEYWRIGHT_TEST_WYCHEPROOF (a folder of vectors) and KEYWRIGHT_TEST_BIN (the built `keywright`).
/// A server that KEYWRIGHT_TEST_POSTGRES names beforehand is used instead.
///
/// Example: cargo xtask test --quick refresh
#[derive(clap::Args, Default)]
pub struct Options {
    /// Fewer rounds in tests that repeat (KEYWRIGHT_TEST_QUICK=1, PROPTEST_CASES=32); none is left out
    #[arg(long)]
    quick: bool,
    /// Run only tests whose name contains this
    filter: Option<String>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    build()?;
    Ok(suite(options)?.report())
}

/// Builds tests and binaries in one go: the feature set of `cargo test --workspace`, so nothing is built twice.
pub fn build() -> Result<()> {
    process::run(process::cargo().args(["build", "--workspace", "--bins", "--tests"]))
}

/// A browser, a server and a PKCS#11 token that others wrote: where Debian puts each, under which name the tests find it, and its package.
const SERVERS: [(&str, &str, &str); 5] = [
    ("KEYWRIGHT_TEST_CHROMIUM", "/usr/bin/chromium", "chromium"),
    (
        "KEYWRIGHT_TEST_CHROMEDRIVER",
        "/usr/bin/chromedriver",
        "chromium-driver",
    ),
    ("KEYWRIGHT_TEST_APACHE", "/usr/sbin/apache2", "apache2-bin"),
    (
        "KEYWRIGHT_TEST_APACHE_MODULE",
        "/usr/lib/apache2/modules/mod_auth_openidc.so",
        "libapache2-mod-auth-openidc",
    ),
    (
        "KEYWRIGHT_TEST_SOFTHSM",
        "/usr/lib/softhsm/libsofthsm2.so",
        "softhsm2",
    ),
];

/// What the story that `quickstart` prints needs; the package has the program's name.
const PROGRAMS: [&str; 2] = ["curl", "jq"];

/// Runs the tests that `build` built. A failing test is counted, not an error.
pub fn suite(options: &Options) -> Result<Summary> {
    for program in PROGRAMS {
        if !process::on_path(program) {
            apt::install(program)?;
        }
    }
    let clients = Clients::install()?;
    let postgres = Postgres::start()?;
    let mut cargo = cargo_test(options);
    clients.describe_to(&mut cargo);
    cargo.env("KEYWRIGHT_TEST_WYCHEPROOF", vectors::fetch()?);
    cargo.env("KEYWRIGHT_TEST_POSTGRES", postgres.url());
    for (name, path, package) in SERVERS {
        cargo.env(name, apt::program(path, package)?);
    }
    cargo.env("SOFTHSM2_CONF", tokens::fresh()?);
    cargo.env("KEYWRIGHT_TEST_BAO", open_bao::program()?);
    let summary = count(&mut cargo)?;
    postgres.stop()?;
    Ok(summary)
}

fn cargo_test(options: &Options) -> Command {
    let mut cargo = process::cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    cargo.env("KEYWRIGHT_TEST_BIN", process::binary("keywright"));
    if options.quick {
        cargo
            .env("KEYWRIGHT_TEST_QUICK", "1")
            .env("PROPTEST_CASES", "32");
    }
    cargo.args(&options.filter);
    cargo
}

/// Passes the output on line by line and adds up what the test binaries report.
fn count(cargo: &mut Command) -> Result<Summary> {
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    let mut summary = Summary::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("cargo test printed no UTF-8")?;
        println!("{line}");
        summary.add(&line);
    }
    summary.ended_well = child.wait()?.success();
    Ok(summary)
}
