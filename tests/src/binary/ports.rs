use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which kernels take ports for outgoing connections, so that nobody is given one meanwhile.
const FIRST: u16 = 18_000;
const LAST: u16 = 28_000;
/// The server's own, and the demo API's behind it.
const STEP: u16 = 4;

/// A port that is free now, as are the few behind it.
pub fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = u16::try_from(std::process::id() % 500).unwrap_or(0) * 20;
    for _ in 0..2000 {
        let step = NEXT.fetch_add(STEP, Ordering::Relaxed);
        let port = FIRST + (spread + step) % (LAST - FIRST);
        let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if (port..port + STEP).all(is_free) {
            return port;
        }
    }
    panic!("no free port");
}
