//! Lines on their way out.
//!
//! To write each line by itself would cost more than a cached answer does, and the threads that serve would queue for the one
//! descriptor. So the access log, a line for every request, gathers for a moment, and a thread of its own writes it. Whatever
//! else is logged leaves at once and takes along what has gathered before it: the order stays, and the last words of a process
//! are never left in a buffer.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use keywright_http::middleware::ACCESS_LOG;
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

const PAUSE: Duration = Duration::from_millis(20);

/// Whoever finds more than this gathered writes it, and waits for a reader that does not keep up: no line is dropped.
const ROOM: usize = 256 * 1024;

#[derive(Clone)]
pub struct Lines(Arc<Shared>);

struct Shared {
    gathered: Mutex<Vec<u8>>,
    /// Told when there is something to write.
    some: Condvar,
    out: Mutex<Out>,
}

struct Out {
    to: Box<dyn Write + Send>,
    /// What is being written, so that lines can gather meanwhile.
    lines: Vec<u8>,
}

/// The writer of one line.
pub struct Line<'a> {
    lines: &'a Lines,
    may_wait: bool,
}

impl Lines {
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Shared {
            gathered: Mutex::default(),
            some: Condvar::new(),
            out: Mutex::new(Out {
                to: Box::new(to),
                lines: Vec::new(),
            }),
        }))
    }

    /// Writes what gathers, as long as the process lives.
    pub fn keep_writing(&self) -> io::Result<()> {
        let lines = self.clone();
        let tend = move || {
            loop {
                lines.wait_for_some();
                thread::sleep(PAUSE);
                // Nobody is left to be told that the log cannot be written.
                let _ = lines.write_out();
            }
        };
        thread::Builder::new()
            .name("keywright-log".into())
            .spawn(tend)
            .map(drop)
    }

    /// How much has gathered, with this line.
    fn gather(&self, line: &[u8]) -> usize {
        let mut gathered = lock(&self.0.gathered);
        if gathered.is_empty() {
            self.0.some.notify_one();
        }
        gathered.extend_from_slice(line);
        gathered.len()
    }

    fn write_out(&self) -> io::Result<()> {
        let mut out = lock(&self.0.out);
        let Out { to, lines } = &mut *out;
        std::mem::swap(lines, &mut *lock(&self.0.gathered));
        let written = to.write_all(lines).and_then(|()| to.flush());
        lines.clear();
        written
    }

    fn wait_for_some(&self) {
        let gathered = lock(&self.0.gathered);
        let waited = self.0.some.wait_while(gathered, |lines| lines.is_empty());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            lines: self,
            may_wait: false,
        }
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> Line<'a> {
        Line {
            lines: self,
            may_wait: of.target() == ACCESS_LOG,
        }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.gather(line) > ROOM || !self.may_wait {
            self.lines.write_out()?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.write_out()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use tracing::subscriber::with_default;

    use super::*;

    struct Told(Sender<Vec<u8>>);

    impl Write for Told {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.send(text.to_vec()).unwrap();
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log(lines: &Lines, what: impl FnOnce()) {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .without_time()
            .with_level(false)
            .with_target(false)
            .finish();
        with_default(subscriber, what);
    }

    fn written(told: &Receiver<Vec<u8>>) -> Vec<String> {
        let texts = told.try_iter().map(|text| String::from_utf8(text).unwrap());
        texts.collect()
    }

    #[test]
    fn the_access_log_gathers_and_anything_else_takes_it_along_in_order() {
        let (tell, told) = channel();
        let lines = Lines::new(Told(tell));
        log(&lines, || {
            tracing::info!(target: ACCESS_LOG, "one");
            tracing::info!(target: ACCESS_LOG, "two");
            assert!(written(&told).is_empty());
            tracing::info!("stopped");
            assert_eq!(written(&told), ["one\ntwo\nstopped\n"]);
        });
    }

    #[test]
    fn what_has_gathered_is_written_without_anybody_asking() {
        let (tell, told) = channel();
        let lines = Lines::new(Told(tell));
        lines.keep_writing().unwrap();
        for line in ["one", "two"] {
            log(&lines, || tracing::info!(target: ACCESS_LOG, "{line}"));
            let text = told.recv_timeout(Duration::from_secs(10)).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), format!("{line}\n"));
        }
    }

    #[test]
    fn more_than_there_is_room_for_is_written_and_not_dropped() {
        let (tell, told) = channel();
        let lines = Lines::new(Told(tell));
        let long = "x".repeat(ROOM / 2);
        for _ in 0..2 {
            log(&lines, || tracing::info!(target: ACCESS_LOG, "{long}"));
        }
        assert_eq!(written(&told).concat(), format!("{long}\n{long}\n"));
    }
}
