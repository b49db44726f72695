use std::cell::RefCell;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::sleep;

const GLANCE: Duration = Duration::from_millis(10);

/// A server process with its output in files. Killed by its own pid when dropped.
pub struct Process(RefCell<Child>);

impl Process {
    pub(crate) fn spawn(mut command: Command, folder: &Path) -> Self {
        let file = |name| File::create(folder.join(name)).expect("a file for the output");
        let child = command
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .expect("the binary starts");
        Self(RefCell::new(child))
    }

    pub fn pid(&self) -> u32 {
        self.0.borrow().id()
    }

    /// Sends a signal by name, such as `HUP`.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill runs").success(), "kill -s {name} {pid}");
    }

    pub fn has_ended(&self) -> bool {
        self.0
            .borrow_mut()
            .try_wait()
            .expect("a child of ours")
            .is_some()
    }

    /// Resident memory in KiB.
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub(super) fn kill(self) {
        let _ = self.0.borrow_mut().kill();
        let _ = self.0.borrow_mut().wait();
    }

    /// Waits for the end; answers whether it came in time and with code 0.
    pub(crate) async fn ended(&mut self, patience: Duration) -> bool {
        let mut waited = Duration::ZERO;
        while waited < patience {
            if let Some(status) = self.0.get_mut().try_wait().expect("a child of ours") {
                return status.success();
            }
            sleep(GLANCE).await;
            waited += GLANCE;
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.get_mut().kill();
        let _ = self.0.get_mut().wait();
    }
}

pub(crate) fn written(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}
