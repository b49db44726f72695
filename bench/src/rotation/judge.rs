//! Who verifies while keys rotate: this library and two of other languages, each with keys that it keeps for their max-age and
//! fetches no sooner, whatever a token names.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use keywright_verify::Verifier;
use keywright_verify::remote::RemoteKeys;

use crate::site::Site;

const PYTHON: &str = include_str!("judge.py");
const NODE: &str = include_str!("judge.mjs");

pub struct Judge {
    pub name: &'static str,
    pub failures: u64,
    means: Means,
}

enum Means {
    Library(Verifier),
    /// A token a line, an answer a line. Ended when dropped.
    Program(Program),
}

struct Program {
    child: Child,
    tokens: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    pub async fn all(site: &Site) -> Result<[Self; 3]> {
        let keys = RemoteKeys::of_issuer(site.url()).start()?;
        keys.ready().await?;
        let verifier = Verifier::builder(site.url(), keys.slot())
            .audience(site.audience())
            .build()?;
        let python = program("KEYWRIGHT_TEST_PYTHON", &["-c", PYTHON])?;
        let node = program("KEYWRIGHT_TEST_NODE", &["--input-type=module", "-e", NODE])?;
        Ok([
            Self::new("keywright-verify", Means::Library(verifier)),
            Self::new("PyJWT", Means::Program(Program::start(python, site)?)),
            Self::new("jose", Means::Program(Program::start(node, site)?)),
        ])
    }

    const fn new(name: &'static str, means: Means) -> Self {
        Self {
            name,
            failures: 0,
            means,
        }
    }

    pub fn judge(&mut self, token: &str) -> Result<()> {
        let verified = match &mut self.means {
            // Keys that it does not know are not asked for.
            Means::Library(verifier) => verifier.verify(token).is_ok(),
            Means::Program(program) => program.judge(token)?,
        };
        self.failures += u64::from(!verified);
        Ok(())
    }
}

fn program(variable: &str, arguments: &[&str]) -> Result<Command> {
    let path = std::env::var_os(variable)
        .with_context(|| format!("{variable} is not set: run `cargo xtask bench rotation`"))?;
    let mut command = Command::new(path);
    command.args(arguments);
    Ok(command)
}

impl Program {
    fn start(mut command: Command, site: &Site) -> Result<Self> {
        let mut child = command
            .args([site.url(), site.audience()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let tokens = child.stdin.take().context("no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut this = Self {
            child,
            tokens,
            answers,
        };
        match this.answer()?.as_str() {
            "ready" => Ok(this),
            other => bail!("a verifier does not start: {other:?}"),
        }
    }

    fn judge(&mut self, token: &str) -> Result<bool> {
        writeln!(self.tokens, "{token}")?;
        match self.answer()?.as_str() {
            "1" => Ok(true),
            "0" => Ok(false),
            other => bail!("a verifier ended: {other:?}"),
        }
    }

    fn answer(&mut self) -> Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
