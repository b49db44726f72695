//! Printed, not asserted: a machine that is shared would make either a lie.

use std::time::Duration;

use keywright_tests::Binary;
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
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
    eprintln!("start to ready on existing data: {} ms; idle: {memory} KiB resident", ready.as_millis());
    assert!(memory > 0, "the server runs");
}
