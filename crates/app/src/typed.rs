//! Secrets that somebody types or pipes in: never arguments, which other users of the machine see and shells remember.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use keywright_domain::secret::PlainSecret;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// More than any secret has; reading stops there.
const LONGEST_INPUT: u64 = 64 * 1024;

/// Asks for the secret on a terminal, without showing it; otherwise takes all of standard input but a final line break.
pub fn secret(what: &str) -> io::Result<PlainSecret> {
    if io::stdin().is_terminal() {
        return asked_for(what);
    }
    let mut text = String::new();
    let input = io::stdin().lock();
    input.take(LONGEST_INPUT).read_to_string(&mut text)?;
    Ok(without_break(text))
}

/// The same, but of standard input one line is taken: what follows is for somebody else.
pub fn secret_line(what: &str) -> io::Result<PlainSecret> {
    if io::stdin().is_terminal() {
        return asked_for(what);
    }
    Ok(without_break(line()?))
}

fn asked_for(what: &str) -> io::Result<PlainSecret> {
    write!(io::stderr(), "{what}: ")?;
    io::stderr().flush()?;
    let read = without_echo(line);
    writeln!(io::stderr())?;
    Ok(without_break(read?))
}

fn line() -> io::Result<String> {
    let mut text = String::new();
    let input = io::stdin().lock();
    input.take(LONGEST_INPUT).read_line(&mut text)?;
    Ok(text)
}

fn without_break(text: String) -> PlainSecret {
    PlainSecret::new(text.trim_end_matches(['\r', '\n']))
}

fn without_echo<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let terminal = io::stdin();
    let before = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    let result = read();
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    result
}
