//! Everything that is logged in this process, at any level, on any thread, between start and stop.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

static LOG: Mutex<String> = Mutex::new(String::new());
/// Tests of both engines may capture at once; the log is kept while any does.
static CAPTURING: AtomicUsize = AtomicUsize::new(0);
static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    let subscriber = tracing_subscriber::registry().with(Everything);
    tracing::subscriber::set_global_default(subscriber).expect("no other subscriber");
});

pub struct Capture(());

struct Everything;

struct Fields<'a>(&'a mut String);

impl Capture {
    pub fn start() -> Self {
        LazyLock::force(&INSTALLED);
        CAPTURING.fetch_add(1, Ordering::SeqCst);
        Self(())
    }

    pub fn stop(self) -> String {
        let log = LOG.lock().unwrap().clone();
        drop(self);
        log
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        if CAPTURING.fetch_sub(1, Ordering::SeqCst) == 1 {
            LOG.lock().unwrap().clear();
        }
    }
}

fn write(metadata: &Metadata<'_>, record: impl FnOnce(&mut Fields<'_>)) {
    if CAPTURING.load(Ordering::SeqCst) > 0 {
        let mut log = LOG.lock().unwrap();
        let _ = write!(
            log,
            "{} {} {}",
            metadata.level(),
            metadata.target(),
            metadata.name()
        );
        record(&mut Fields(&mut log));
        log.push('\n');
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Everything {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        write(attributes.metadata(), |fields| attributes.record(fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            write(span.metadata(), |fields| values.record(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        write(event.metadata(), |fields| event.record(fields));
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
