//! Accepting, whatever the kernel answers.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

const SHORTEST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Listener {
    socket: TcpListener,
    pause: Duration,
}

impl Listener {
    pub fn new(socket: TcpListener) -> Self {
        Self {
            socket,
            pause: SHORTEST_PAUSE,
        }
    }

    /// The next connection. Errors of one connection are passed over; an error of the process (no more file descriptors, no
    /// memory) is waited out, because retrying at once would burn a core while it lasts. Cancel safe.
    pub async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.socket.accept().await {
                Ok(accepted) => {
                    self.pause = SHORTEST_PAUSE;
                    return accepted;
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(target: "http.connection.accept_failed", %error, pause = ?self.pause);
                    let pause = self.pause;
                    self.pause = (pause * 2).min(LONGEST_PAUSE);
                    sleep(pause).await;
                }
            }
        }
    }
}

/// accept(2): errors that were already pending on the new connection are passed through.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable,
        TimedOut,
    };
    [
        ConnectionAborted,
        ConnectionRefused,
        ConnectionReset,
        HostUnreachable,
        NetworkUnreachable,
        TimedOut,
    ]
    .contains(&error.kind())
}
