//! Printed, not asserted: a machine that is shared would make either a lie.

use std::io::Write;
use std::time::Duration;

use keywright_tests::Binary;
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    reason = "it measures real time, for a person to read"
)]
async fn start_and_idle_memory_are_told() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let started = std::time::Instant::now();
    binary.start_serve().await;
    let ready = started.elapsed();
    sleep(Duration::from_secs(1)).await;
    let memory = binary.process().resident();
    // Not by `eprintln!`, which the test harness would keep to itself.
    let (ready, mut stderr) = (ready.as_millis(), std::io::stderr());
    writeln!(
        stderr,
        "start to ready on existing data: {ready} ms; idle: {memory} KiB resident"
    )
    .unwrap();
    assert!(memory > 0, "the server runs");
}
