//! A PostgreSQL of our own: a temporary folder, a free port, a random password, gone when we are.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::apt;

const INSTALLED: &str = "/usr/lib/postgresql";
const PACKAGE: &str = "postgresql";

/// A running server, or the address of one that the developer runs.
pub struct Postgres {
    url: String,
    /// The shell that owns the server; it stops the server when its standard input is closed.
    guard: Option<Child>,
}

impl Postgres {
    /// Starts a server, or takes the one that KEYWRIGHT_TEST_POSTGRES already names.
    #[expect(
        clippy::disallowed_methods,
        reason = "a developer may bring their own server"
    )]
    pub fn start() -> Result<Self> {
        if let Ok(url) = std::env::var("KEYWRIGHT_TEST_POSTGRES") {
            return Ok(Self { url, guard: None });
        }
        let programs = match newest(Path::new(INSTALLED)) {
            Some(programs) => programs,
            None => {
                apt::install(PACKAGE)?;
                newest(Path::new(INSTALLED)).context("`postgresql` brought no server")?
            }
        };
        let port = free_port()?;
        let password = random_password()?;
        let mut guard = unprivileged_shell()
            .args(["-c", include_str!("postgres.sh"), "keywright-postgres"])
            .arg(programs)
            .arg(port.to_string())
            .current_dir("/")
            // Ctrl-C in the terminal is for us alone; the guard must live to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start PostgreSQL")?;
        writeln!(guard.stdin.as_mut().context("no input")?, "{password}")?;
        await_ready(&mut guard)?;
        let url = format!("postgres://keywright:{password}@127.0.0.1:{port}/postgres");
        Ok(Self {
            url,
            guard: Some(guard),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server and waits until its folder is gone.
    pub fn stop(mut self) -> Result<()> {
        let Some(guard) = &mut self.guard else {
            return Ok(());
        };
        if !end(guard)? {
            bail!("PostgreSQL did not stop cleanly");
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(guard) = &mut self.guard {
            let _ = end(guard);
        }
    }
}

/// Closing its input is what ends the guard; `wait` after `wait` returns the same answer.
fn end(guard: &mut Child) -> Result<bool> {
    drop(guard.stdin.take());
    Ok(guard.wait()?.success())
}

fn await_ready(guard: &mut Child) -> Result<()> {
    let mut line = String::new();
    let output = guard.stdout.take().context("no output")?;
    BufReader::new(output).read_line(&mut line)?;
    if line.trim() != "ready" {
        end(guard)?;
        bail!("PostgreSQL did not start; its log stands above");
    }
    Ok(())
}

/// PostgreSQL refuses to run as root; Debian's package brings the user `postgres`.
fn unprivileged_shell() -> Command {
    if !apt::is_root() {
        return Command::new("sh");
    }
    let mut shell = Command::new("setpriv");
    shell.args([
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "sh",
    ]);
    // Root's temporary folder need not be open to others.
    shell.env_remove("TMPDIR");
    shell
}

/// The programs of the newest server: `psql` alone may be installed without one.
fn newest(installed: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(installed).ok()?.filter_map(Result::ok);
    let numbered = versions.filter_map(|entry| {
        let version = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let programs = entry.path().join("bin");
        programs
            .join("postgres")
            .is_file()
            .then_some((version, programs))
    });
    numbered
        .max_by_key(|(version, _)| *version)
        .map(|(_, programs)| programs)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Others on the machine can reach the port, and a superuser of PostgreSQL can run programs.
fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_server_is_chosen_by_number_and_client_only_versions_are_passed_over() {
        let folder = std::env::temp_dir().join(format!("keywright-newest-{}", std::process::id()));
        for version in ["9", "15", "17"] {
            fs::create_dir_all(folder.join(version).join("bin")).unwrap();
        }
        for version in ["9", "15"] {
            fs::write(folder.join(version).join("bin/postgres"), "").unwrap();
        }
        assert_eq!(newest(&folder), Some(folder.join("15/bin")));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(newest(&folder), None);
    }
}
