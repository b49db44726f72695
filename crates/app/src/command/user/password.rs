//! Reading a password: never from the arguments, which other users of the machine see and shells remember.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use keywright_domain::secret::PlainSecret;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// More than any password may have; reading stops there.
const LONGEST_INPUT: u64 = 64 * 1024;

/// Asks for the password on a terminal, without showing it; otherwise takes all of standard input but a final line break.
pub fn read() -> io::Result<PlainSecret> {
    let mut text = String::new();
    if io::stdin().is_terminal() {
        write!(io::stderr(), "Password: ")?;
        io::stderr().flush()?;
        let read = without_echo(|| io::stdin().lock().take(LONGEST_INPUT).read_line(&mut text));
        writeln!(io::stderr())?;
        read?;
    } else {
        io::stdin()
            .lock()
            .take(LONGEST_INPUT)
            .read_to_string(&mut text)?;
    }
    Ok(PlainSecret::new(text.trim_end_matches(['\r', '\n'])))
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
