//! The one writer thread. It drains a bounded queue and commits many writes in one transaction, so that an fsync is
//! shared by all that wait for it. Each write can be taken back by itself, and is acknowledged after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::checkpoint::Committed;
use super::statements::{begin, commit, control, in_transaction, roll_back};
use crate::engine::Tx;
use crate::fault::Fault;

/// More than this many waiting writes are refused at once: under overload a quick no is worth more than a late yes.
const QUEUE: usize = 1024;

/// The most writes in one transaction; bounds how long the first of them waits for the last.
const GROUP: usize = 256;

/// After a group of so many, as many are about to write again: the next waits for them, but not for long. Each commit costs its pages, its
/// locks and an fsync, whether it is of ten or of fifty. A caller that writes alone waits for nobody.
const BUSY: usize = 4;
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_micros(200);

pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    /// How long a caller waits for a disk that does not answer.
    deadline: Duration,
}

trait Job: Send {
    fn extent(&self) -> Extent;
    /// Does the work, and says whether its changes are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Tells the caller. `Err` if the group that the work was part of has failed.
    fn acknowledge(self: Box<Self>, group: Result<(), Fault>);
}

/// What it takes to undo a write without its group.
#[derive(Clone, Copy)]
pub(super) enum Extent {
    /// Nothing: a statement that fails has changed nothing. The commonest write, the rotation of a refresh token, is one, and
    /// savepoints would triple its statements.
    OneStatement,
    /// A savepoint.
    Several,
}

struct Write<T, W> {
    extent: Extent,
    work: Option<W>,
    done: Result<T, Fault>,
    caller: oneshot::Sender<Result<T, Fault>>,
}

impl Writer {
    pub(super) fn start(
        mut tx: Tx,
        committed: Committed,
        deadline: Duration,
    ) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let serve = move || {
            let mut written = 0;
            while let Ok(first) = jobs.recv() {
                let group = gather(first, &jobs, written);
                written = serve_group(&mut tx, group, &jobs);
                committed.notify();
            }
        };
        let thread = thread::Builder::new()
            .name("keywright-write".into())
            .spawn(serve)?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            deadline,
        })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        extent: Extent,
        work: impl FnOnce(&mut Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (caller, answer) = oneshot::channel();
        let write = Write {
            extent,
            work: Some(work),
            done: Err(Fault::Panicked),
            caller,
        };
        let queue = self.queue.as_ref().ok_or(Fault::Closed)?;
        queue
            .try_send(Box::new(write))
            .map_err(|error| match error {
                TrySendError::Full(_) => Fault::Overloaded,
                TrySendError::Disconnected(_) => Fault::Closed,
            })?;
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(Fault::Closed),
            Err(_) => Err(Fault::TimedOut),
        }
    }
}

impl Drop for Writer {
    /// Finishes what is queued, so that a clean stop loses nothing.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // It ends by itself when the queue is closed; a panic of its own has been printed already.
            let _ = thread.join();
        }
    }
}

/// `first` and those that wait by now, or will in a moment: `before` were in the group before this one.
fn gather(first: Box<dyn Job>, jobs: &Receiver<Box<dyn Job>>, before: usize) -> Vec<Box<dyn Job>> {
    let mut group = vec![first];
    group.extend(jobs.try_iter().take(GROUP - 1));
    for _ in 0..LOOKS {
        if before < BUSY || group.len() >= before {
            break;
        }
        thread::sleep(BETWEEN_LOOKS);
        group.extend(jobs.try_iter().take(GROUP - group.len()));
    }
    group
}

/// Runs the group, and whatever else comes meanwhile, in one transaction. Answers how many that were.
fn serve_group(tx: &mut Tx, mut group: Vec<Box<dyn Job>>, jobs: &Receiver<Box<dyn Job>>) -> usize {
    let outcome = begin(tx).and_then(|()| {
        run_group(tx, &mut group, jobs)?;
        commit(tx)
    });
    if outcome.is_err() {
        roll_back(tx);
    }
    let written = group.len();
    for job in group {
        job.acknowledge(outcome.clone());
    }
    written
}

fn run_group(
    tx: &mut Tx,
    group: &mut Vec<Box<dyn Job>>,
    jobs: &Receiver<Box<dyn Job>>,
) -> Result<(), Fault> {
    let mut next = 0;
    while let Some(job) = group.get_mut(next) {
        match job.extent() {
            Extent::OneStatement => run_alone(tx, job.as_mut())?,
            Extent::Several => run_in_savepoint(tx, job.as_mut())?,
        }
        next += 1;
        if group.len() < GROUP {
            group.extend(jobs.try_recv());
        }
    }
    Ok(())
}

/// After a panic nobody knows what the statement has done, so the whole group is taken back.
fn run_alone(tx: &mut Tx, job: &mut dyn Job) -> Result<(), Fault> {
    catch_unwind(AssertUnwindSafe(|| job.run(tx))).map_err(|_| Fault::Panicked)?;
    still_in_transaction(tx)
}

/// A write that fails or panics takes back its own changes and nobody else's.
fn run_in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Result<(), Fault> {
    control(tx, "SAVEPOINT write")?;
    let keep = catch_unwind(AssertUnwindSafe(|| job.run(tx))).unwrap_or(false);
    still_in_transaction(tx)?;
    if !keep {
        control(tx, "ROLLBACK TO write")?;
    }
    control(tx, "RELEASE write")
}

fn still_in_transaction(tx: &Tx) -> Result<(), Fault> {
    if in_transaction(tx) {
        return Ok(());
    }
    Err(Fault::Unreachable(
        "the transaction was ended by an error, such as a full disk".into(),
    ))
}

impl<T, W> Job for Write<T, W>
where
    T: Send,
    W: FnOnce(&mut Tx) -> Result<T, Fault> + Send,
{
    fn extent(&self) -> Extent {
        self.extent
    }

    fn run(&mut self, tx: &mut Tx) -> bool {
        match self.work.take() {
            // Nobody waits any more, and nothing has been promised.
            Some(_) if self.caller.is_closed() => self.done = Err(Fault::Closed),
            Some(work) => self.done = work(tx),
            None => {}
        }
        self.done.is_ok()
    }

    fn acknowledge(self: Box<Self>, group: Result<(), Fault>) {
        // A caller that has gone away does not hear of it.
        let _ = self.caller.send(group.and(self.done));
    }
}

#[cfg(test)]
mod tests;
