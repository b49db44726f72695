//! A way to a server that counts connections, and can lose a request: what a connection that idled for too long does.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

pub struct Relay {
    port: u16,
    loses: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl Relay {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let loses = Arc::new(AtomicBool::new(false));
        let connections = Arc::new(AtomicUsize::new(0));
        let relay = Self {
            port: listener.local_addr().unwrap().port(),
            loses: loses.clone(),
            connections: connections.clone(),
        };
        thread::spawn(move || {
            for client in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (client, loses) = (client.unwrap(), loses.clone());
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                let (from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || io::copy(&mut &from, &mut to));
                thread::spawn(move || forward(client, server, &loses));
            }
        });
        relay
    }

    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The next request is taken, and its connection closed.
    pub fn lose_one(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    pub fn has_lost_it(&self) -> bool {
        !self.loses.load(Ordering::SeqCst)
    }
}

fn forward(mut client: TcpStream, mut server: TcpStream, loses: &AtomicBool) {
    let mut bytes = [0; 16 << 10];
    loop {
        match client.read(&mut bytes) {
            Ok(length) if length > 0 && !loses.swap(false, Ordering::SeqCst) => {
                server.write_all(&bytes[..length]).unwrap();
            }
            Ok(_) | Err(_) => break,
        }
    }
    let _ = (
        client.shutdown(Shutdown::Both),
        server.shutdown(Shutdown::Both),
    );
}
