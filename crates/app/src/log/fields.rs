//! `name=value`, in one line whatever a value says: much of what is logged came from outside, and a line feed in it would begin a line that
//! we never wrote. Without the styles that the usual format looks up for each field, which cost more than the fields.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

#[derive(Clone, Copy, Debug)]
pub struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut pairs = Pairs {
            line: OneLine(writer),
            began: false,
            result: Ok(()),
        };
        fields.record(&mut pairs);
        pairs.result
    }
}

struct Pairs<'w> {
    line: OneLine<'w>,
    began: bool,
    result: fmt::Result,
}

impl Pairs<'_> {
    fn pair(&mut self, field: &Field, value: impl FnOnce(&mut OneLine<'_>) -> fmt::Result) {
        let began = std::mem::replace(&mut self.began, true);
        let write = || {
            // What we wrote ourselves needs no second look.
            let plain = &mut self.line.0;
            if began {
                plain.write_char(' ')?;
            }
            if field.name() != MESSAGE {
                plain.write_str(field.name())?;
                plain.write_char('=')?;
            }
            value(&mut self.line)
        };
        self.result = self.result.and_then(|()| write());
    }
}

/// What an event says without a name.
const MESSAGE: &str = "message";

impl Visit for Pairs<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let plain = |b: u8| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\';
        self.pair(field, |line| {
            if field.name() == MESSAGE {
                line.write_str(value)
            } else if value.bytes().all(plain) {
                line.0.write_char('"')?;
                line.0.write_str(value)?;
                line.0.write_char('"')
            } else {
                write!(line, "{value:?}")
            }
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.pair(field, |line| write!(line, "{value:?}"));
    }
}

/// Writes control characters as Rust does in a string.
struct OneLine<'w>(Writer<'w>);

impl Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // All of them are below a space, or DEL, or begin with this byte in UTF-8.
        let may_be_control = |b: u8| b < b' ' || b == 0x7f || b == 0xc2;
        if !text.bytes().any(may_be_control) {
            return self.0.write_str(text);
        }
        for c in text.chars() {
            if c.is_control() {
                write!(self.0, "{}", c.escape_default())?;
            } else {
                self.0.write_char(c)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(what: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(Fields)
            .with_writer(move || writer.clone())
            .without_time()
            .with_level(false)
            .with_target(false)
            .with_ansi(false)
            .finish();
        with_default(subscriber, what);
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn names_and_values_stand_as_the_usual_format_writes_them() {
        let id = "a1";
        let line = logged(|| {
            let _span = tracing::info_span!("request", %id).entered();
            tracing::info!(method = "GET", status = 200, took = ?Some(1), none = None::<u8>, "served well");
        });
        assert_eq!(
            line,
            "request{id=a1}: served well method=\"GET\" status=200 took=Some(1)\n"
        );
    }

    #[test]
    fn no_value_begins_a_line_or_steers_a_terminal() {
        for evil in [
            "a\nb",
            "\u{1b}[2Jb",
            "a\rb",
            "\u{9b}2Jb",
            "a\u{7f}b",
            "\"\\",
        ] {
            let line = logged(|| {
                tracing::warn!(%evil, text = evil, said = ?evil, "{evil}");
                tracing::warn!(error = %std::io::Error::other(evil), evil);
            });
            assert_eq!(line.lines().count(), 2, "{line:?}");
            assert!(
                line.trim_end()
                    .chars()
                    .all(|c| c == '\n' || !c.is_control()),
                "{line:?}"
            );
        }
    }
}
