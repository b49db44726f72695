//! A line between followers and the issuer that can be cut.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub struct Cutter {
    cuts: watch::Sender<u64>,
    _lines: JoinSet<()>,
}

impl Cutter {
    /// Passes on what comes in at `listener` until it is dropped.
    pub fn start(listener: TcpListener, server: SocketAddr) -> Self {
        let cuts = watch::Sender::new(0);
        let mut lines = JoinSet::new();
        lines.spawn(accept(listener, server, cuts.subscribe()));
        Self {
            cuts,
            _lines: lines,
        }
    }

    /// Ends every connection at once, wherever in a message it is.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

pub async fn free_listener() -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: TcpListener, server: SocketAddr, cuts: watch::Receiver<u64>) {
    let mut lines = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        let mut cuts = cuts.clone();
        cuts.mark_unchanged();
        lines.spawn(async move {
            // While the server is down there is nothing behind the line, and it closes.
            let Ok(mut far) = TcpStream::connect(server).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = cuts.changed() => {}
            }
        });
        while lines.try_join_next().is_some() {}
    }
}
