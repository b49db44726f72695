use keywright_verify::feed::{EventStream, Message, StreamError};

/// Any bytes as a stream of server-sent events: how it is cut on the way makes no difference.
pub fn run(data: &[u8]) -> bool {
    let whole = read(std::iter::once(data));
    assert_eq!(whole, read(data.chunks(1)), "byte by byte");
    let cut = data.first().map_or(0, |at| usize::from(*at)) % (data.len() + 1);
    let (before, behind) = data.split_at(cut);
    assert_eq!(whole, read([before, behind].into_iter()), "cut at {cut}");
    let (messages, outcome) = whole;
    for message in &messages {
        assert!(message.data.len() <= data.len());
        assert!(!message.event.contains(['\n', '\r']), "{message:?}");
        assert!(!message.data.contains('\r'), "{message:?}");
    }
    outcome.is_ok() && !messages.is_empty()
}

/// The messages up to the end or the first error. Those of the chunk that holds the error are not among them, whatever
/// its size, so that only what is the same for all cuts is compared.
fn read<'d>(chunks: impl Iterator<Item = &'d [u8]>) -> (Vec<Message>, Result<(), StreamError>) {
    let (mut stream, mut messages) = (EventStream::default(), Vec::new());
    for chunk in chunks {
        match stream.read(chunk) {
            Ok(more) => messages.extend(more),
            Err(error) => return (Vec::new(), Err(error)),
        }
    }
    (messages, Ok(()))
}
