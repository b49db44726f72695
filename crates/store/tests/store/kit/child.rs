//! A process of its own that writes, so that it can be killed. It is this test binary, asked to run one "test" more.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use keywright_domain::audit::EventKind;
use keywright_domain::ports::Sessions;
use keywright_domain::session::rotation::Rotation;
use keywright_store::StoreConfig;

use super::*;

/// What the child needs to know: `sqlite:PATH` or `postgres:URL`, and from which number on it may use numbers.
const PLACE: &str = "KEYWRIGHT_TEST_CHILD_PLACE";
const FIRST: &str = "KEYWRIGHT_TEST_CHILD_FIRST";

/// How many write at once in the child.
const WRITERS: u32 = 24;

pub struct Writing {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

/// What the child was promised.
#[derive(Debug, Default)]
pub struct Acknowledged {
    /// Users that were registered.
    pub users: Vec<u32>,
    /// The highest sequence that each session of those users was given.
    pub sequences: std::collections::BTreeMap<u32, u32>,
}

impl Writing {
    pub fn start(config: &StoreConfig, first: u32) -> Self {
        let place = match config {
            StoreConfig::Sqlite { path } => format!("sqlite:{}", path.display()),
            StoreConfig::Postgres { url, .. } => format!("postgres:{url}"),
        };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "kit::child::writes_until_it_is_killed",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(PLACE, place)
            .env(FIRST, first.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Kills the child after `count` acknowledgements, with SIGKILL, and answers all that it had received by then.
    pub fn kill_after(mut self, count: usize) -> Acknowledged {
        let mut acknowledged = Acknowledged::default();
        let mut seen = 0;
        let mut line = String::new();
        loop {
            line.clear();
            // The last line may be torn; then nobody has been told.
            if self.lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
                break;
            }
            if acknowledged.add(&line) {
                seen += 1;
            }
            if seen == count {
                self.child.kill().unwrap();
            }
        }
        let status = self.child.wait().unwrap();
        assert!(
            seen >= count,
            "the child ended by itself after {seen}: {status}"
        );
        acknowledged
    }
}

impl Acknowledged {
    fn add(&mut self, line: &str) -> bool {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            ["ack", "user", n] => self.users.push(n.parse().unwrap()),
            ["ack", "rotation", n, sequence] => {
                self.sequences
                    .insert(n.parse().unwrap(), sequence.parse().unwrap());
            }
            // The test harness has its own lines.
            _ => return false,
        }
        true
    }
}

#[test]
#[ignore = "no test, but the child process of those in durability.rs"]
fn writes_until_it_is_killed() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (config, first) = asked_for();
        let store = Database::armed(&config).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| tokio::spawn(write_for_ever(Arc::clone(&store), first + n)))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "set by the parent, a line above")]
fn asked_for() -> (StoreConfig, u32) {
    let place = std::env::var(PLACE).expect("only the tests in durability.rs start this");
    let config = match place.split_once(':') {
        Some(("sqlite", path)) => StoreConfig::Sqlite { path: path.into() },
        Some(("postgres", url)) => StoreConfig::Postgres {
            url: url.to_owned(),
            pool_size: 8,
            node: "child".to_owned(),
        },
        _ => panic!("{place}"),
    };
    (config, std::env::var(FIRST).unwrap().parse().unwrap())
}

/// Registers a user, logs in, refreshes a few times, and goes on with the next one.
async fn write_for_ever(store: Arc<keywright_store::Store>, first: u32) {
    for n in (first..).step_by(WRITERS as usize) {
        let user = a_user(&store, n).await;
        say(&format!("ack user {n}"));
        let session = session(n, &user);
        let left = effects(EventKind::LoginSucceeded);
        assert_eq!(store.open(&session, user.epoch, &left).await, Ok(true));
        for sequence in 1..=5 {
            let rotation = store
                .rotate(&presented(&session, sequence), &RULES, &minted, NOW)
                .await;
            assert!(
                matches!(rotation, Ok(Rotation::Current { .. })),
                "{rotation:?}"
            );
            say(&format!("ack rotation {n} {}", sequence + 1));
        }
    }
}

/// One write for one line, so that a kill tears at most the last.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}
