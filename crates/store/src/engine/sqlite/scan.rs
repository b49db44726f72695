//! Scans (lists, the audit log) run on a few threads of their own, so that a long one does not hold up the threads that
//! serve requests.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::reader::Readers;
use crate::engine::Tx;
use crate::fault::Fault;

const THREADS: usize = 2;
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&Arc<Readers>) + Send>;

pub(super) struct Scanners {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Scanners {
    pub(super) fn start(readers: &Arc<Readers>) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel::<Job>(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let start = |_| {
            let (jobs, readers) = (Arc::clone(&jobs), Arc::clone(readers));
            let serve = move || {
                while let Some(job) = next(&jobs) {
                    // The caller is told by the dropped channel.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&readers)));
                }
            };
            thread::Builder::new()
                .name("keywright-scan".into())
                .spawn(serve)
        };
        let threads = (0..THREADS).map(start).collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move |readers| {
            let _ = caller.send(readers.read(work));
        });
        self.queue
            .as_ref()
            .ok_or(Fault::Closed)?
            .try_send(job)
            .map_err(|error| match error {
                TrySendError::Full(_) => Fault::Overloaded,
                TrySendError::Disconnected(_) => Fault::Closed,
            })?;
        answer.await.unwrap_or(Err(Fault::Panicked))
    }
}

impl Drop for Scanners {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .recv()
        .ok()
}
