//! A server in a process of its own, ended when it is dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The unit of `/proc/PID/stat`; 100 on every Linux that this runs on (`getconf CLK_TCK`).
const TICKS_PER_SECOND: u64 = 100;

pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        child
            .map(Self)
            .with_context(|| format!("cannot start {}", command.get_program().display()))
    }

    /// Starts a command that prints its address as its first line.
    pub fn start_announced(command: &mut Command) -> Result<(Self, SocketAddr)> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let process = Self(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok((
            process,
            line.trim()
                .parse()
                .with_context(|| format!("no address in {line:?}"))?,
        ))
    }

    /// User and system time so far.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = self.proc("stat")?;
        // The second field is the command in parentheses and may hold anything; count from behind it.
        let (_, rest) = stat.rsplit_once(')').context("malformed stat")?;
        let field = |n: usize| {
            rest.split_whitespace()
                .nth(n)
                .and_then(|f| f.parse::<u64>().ok())
        };
        let ticks = field(11)
            .zip(field(12))
            .map(|(user, system)| user + system)
            .context("malformed stat")?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// Resident now.
    pub fn resident_kib(&self) -> Result<u64> {
        self.memory("VmRSS:")
    }

    /// The most that was resident since it started.
    pub fn peak_kib(&self) -> Result<u64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .with_context(|| format!("no {name}"))?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// Waits until something listens, at most ten seconds.
    pub fn wait_for(&mut self, address: SocketAddr) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(status) = self.0.try_wait()? {
                bail!("the server stopped at once: {status}");
            }
            if Instant::now() > deadline {
                bail!("the server did not listen on {address} within ten seconds");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.0.id());
        std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {path}; this benchmark runs on Linux"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
