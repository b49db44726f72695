/// The longest line, and the most data of one message: a signed event takes about a kilobyte.
const MAX_BYTES: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads server-sent events (WHATWG HTML §9.2) from bytes as they arrive, however they are cut. Holds no more than one
/// line and one message.
#[derive(Debug, Default)]
pub struct EventStream {
    line: Vec<u8>,
    /// A line feed that follows belongs to the line that has just ended.
    after_return: bool,
    /// A byte order mark may stand in front of the first line only.
    begun: bool,
    message: Message,
}

/// One message of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// `event`, empty if it was not named.
    pub event: String,
    /// `data`, its lines joined by line feeds.
    pub data: String,
    /// `id`, if this message had one.
    pub id: Option<String>,
}

/// Why a stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// A line or a message beyond 64 KiB.
    #[error("a message of the event stream is too large")]
    TooLarge,
    /// Not UTF-8.
    #[error("the event stream is not text")]
    NotUtf8,
}

impl EventStream {
    /// Takes the next bytes, and answers with the messages that they complete.
    pub fn read(&mut self, mut bytes: &[u8]) -> Result<Vec<Message>, StreamError> {
        let mut messages = Vec::new();
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (piece, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            if self.line.len() + piece.len() > MAX_BYTES {
                return Err(StreamError::TooLarge);
            }
            self.line.extend_from_slice(piece);
            let Some((ending, rest)) = rest.split_first() else {
                break;
            };
            self.after_return = *ending == b'\r';
            messages.extend(self.end_line()?);
            bytes = rest;
        }
        Ok(messages)
    }

    fn end_line(&mut self) -> Result<Option<Message>, StreamError> {
        let line = std::mem::take(&mut self.line);
        let begins = !std::mem::replace(&mut self.begun, true);
        let unmarked = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| begins);
        let line =
            std::str::from_utf8(unmarked.unwrap_or(&line)).map_err(|_| StreamError::NotUtf8)?;
        if line.is_empty() {
            return Ok(self.end_message());
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => self.add_data(value)?,
            "event" => value.clone_into(&mut self.message.event),
            "id" if !value.contains('\0') => self.message.id = Some(value.to_owned()),
            // A comment has an empty name; `retry` is our own decision; the rest is not defined.
            _ => {}
        }
        Ok(None)
    }

    fn add_data(&mut self, value: &str) -> Result<(), StreamError> {
        let data = &mut self.message.data;
        if data.len() + value.len() >= MAX_BYTES {
            return Err(StreamError::TooLarge);
        }
        data.push_str(value);
        data.push('\n');
        Ok(())
    }

    /// A message without data is none.
    fn end_message(&mut self) -> Option<Message> {
        let mut message = std::mem::take(&mut self.message);
        message.data.pop().map(|_| message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(event: &str, data: &str, id: Option<&str>) -> Message {
        Message {
            event: event.to_owned(),
            data: data.to_owned(),
            id: id.map(str::to_owned),
        }
    }

    fn read(text: &[u8]) -> Vec<Message> {
        EventStream::default().read(text).unwrap()
    }

    #[test]
    fn each_line_means_what_the_specification_says() {
        let cases: [(&str, Vec<Message>); 12] = [
            ("data: a\n\n", vec![message("", "a", None)]),
            (
                "id: 4\nevent: set\ndata:a\n\n",
                vec![message("set", "a", Some("4"))],
            ),
            ("data:  a\n\n", vec![message("", " a", None)]),
            ("data: a\ndata: b\n\n", vec![message("", "a\nb", None)]),
            ("data\n\n", vec![message("", "", None)]),
            ("data\ndata\n\n", vec![message("", "\n", None)]),
            (": comment\ndata: a\n\n", vec![message("", "a", None)]),
            ("event: set\n\ndata: a\n\n", vec![message("", "a", None)]),
            ("id: 1\0\ndata: a\n\n", vec![message("", "a", None)]),
            (
                "retry: 5\nfuture: b\ndata: a\n\n",
                vec![message("", "a", None)],
            ),
            (
                "\u{feff}data: a\n\n\u{feff}data: b\n\n",
                vec![message("", "a", None)],
            ),
            ("data: a\n", vec![]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn memory_is_bounded_by_the_line_and_by_the_message() {
        let full = MAX_BYTES - "data: ".len();
        let fits = format!("data: {}\n\n", "a".repeat(full));
        assert_eq!(read(fits.as_bytes())[0].data.len(), full);
        let long = format!("data: {}", "a".repeat(full + 1));
        assert_eq!(
            EventStream::default().read(long.as_bytes()),
            Err(StreamError::TooLarge)
        );
        let mut stream = EventStream::default();
        let refused = (0..MAX_BYTES).find_map(|_| stream.read(b"data: abcdefg\n").err());
        assert_eq!(refused, Some(StreamError::TooLarge));
        let comments = ":\n".repeat(MAX_BYTES);
        assert_eq!(read(comments.as_bytes()), []);
    }

    #[test]
    fn what_is_not_text_ends_the_stream() {
        assert_eq!(
            EventStream::default().read(b"data: \xff\n"),
            Err(StreamError::NotUtf8)
        );
    }

    fn messages() -> impl Strategy<Value = Vec<Message>> {
        let message = (
            "[a-z]{0,6}",
            "[a-z.]{0,8}(\n[a-z. ]{0,8}){0,2}",
            proptest::option::of("[0-9]{1,4}"),
        );
        let message = message.prop_map(|(event, data, id)| Message { event, data, id });
        proptest::collection::vec(message, 0..6)
    }

    fn written(messages: &[Message], ending: &str) -> String {
        let mut text = format!(": hello{ending}");
        for message in messages {
            for (name, value) in [("event", Some(&message.event)), ("id", message.id.as_ref())] {
                text.extend(value.map(|value| format!("{name}: {value}{ending}")));
            }
            for line in message.data.split('\n') {
                text.push_str(&format!("data: {line}{ending}"));
            }
            text.push_str(ending);
        }
        text
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_whatever_the_line_ends_and_the_cuts(
            sent in messages(),
            ending in prop_oneof![Just("\n"), Just("\r"), Just("\r\n")],
            sizes in proptest::collection::vec(1..9_usize, 1..20),
        ) {
            let text = written(&sent, ending);
            let (mut stream, mut received, mut rest) = (EventStream::default(), Vec::new(), text.as_bytes());
            for size in sizes.iter().cycle() {
                let (chunk, behind) = rest.split_at(rest.len().min(*size));
                received.extend(stream.read(chunk).unwrap());
                rest = behind;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(received, sent);
        }
    }
}
