//! How many connections there may be, in all and from one place.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use keywright_domain::limit::Network;

use super::ServerLimits;
use crate::metrics::{ConnectionMetrics, ConnectionRefused};
use crate::middleware::ProxiesHandle;

pub(super) struct Admission {
    most: usize,
    most_per_network: usize,
    uncounted: ProxiesHandle,
    held: Arc<Mutex<Held>>,
    metrics: ConnectionMetrics,
}

#[derive(Default)]
struct Held {
    total: usize,
    /// Only networks that hold a connection now: what strangers can make it grow to is bounded by `total`.
    per_network: HashMap<Network, usize>,
}

/// The right to hold one connection, given back when dropped.
#[derive(Debug)]
pub(super) struct Permit {
    network: Option<Network>,
    held: Arc<Mutex<Held>>,
    metrics: ConnectionMetrics,
}

impl Admission {
    pub fn new(
        limits: &ServerLimits,
        uncounted: ProxiesHandle,
        metrics: ConnectionMetrics,
    ) -> Self {
        Self {
            most: limits.connections,
            most_per_network: limits.connections_per_network,
            uncounted,
            held: Arc::default(),
            metrics,
        }
    }

    /// `None`: close it. A refused peer learns at once and may try another node; one that waits in the backlog does not.
    pub fn admit(&self, address: IpAddr) -> Option<Permit> {
        let is_counted = !self.uncounted.current().contains(address);
        let network = is_counted.then(|| Network::from(Some(address)));
        match self.take(network) {
            Ok(()) => {
                self.metrics.accepted.inc();
                self.metrics.open.inc();
                Some(Permit {
                    network,
                    held: self.held.clone(),
                    metrics: self.metrics.clone(),
                })
            }
            Err(why) => {
                self.metrics.refused(why);
                None
            }
        }
    }

    fn take(&self, network: Option<Network>) -> Result<(), ConnectionRefused> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.total >= self.most {
            return Err(ConnectionRefused::Full);
        }
        if let Some(network) = network {
            let from_there = held.per_network.entry(network).or_default();
            if *from_there >= self.most_per_network {
                return Err(ConnectionRefused::NetworkFull);
            }
            *from_there += 1;
        }
        held.total += 1;
        Ok(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.metrics.open.dec();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.total -= 1;
        let Some(network) = self.network else { return };
        if let Some(from_there) = held.per_network.get_mut(&network) {
            *from_there -= 1;
            if *from_there == 0 {
                held.per_network.remove(&network);
            }
        }
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} connections from {} networks",
            self.total,
            self.per_network.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::middleware::TrustedProxies;

    fn admission(connections: usize, connections_per_network: usize) -> Admission {
        let limits = ServerLimits {
            connections,
            connections_per_network,
            ..ServerLimits::default()
        };
        let proxies = TrustedProxies {
            ranges: vec!["10.0.0.1".parse().unwrap()],
            ..TrustedProxies::default()
        };
        Admission::new(&limits, proxies.into(), ConnectionMetrics::default())
    }

    fn from(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn one_network_holds_no_more_than_its_share() {
        let admission = admission(100, 2);
        let first = admission.admit(from("192.0.2.1")).unwrap();
        let _second = admission.admit(from("::ffff:192.0.2.1")).unwrap();
        assert!(admission.admit(from("192.0.2.1")).is_none());
        assert!(
            admission.admit(from("192.0.2.2")).is_some(),
            "others are free"
        );
        drop(first);
        assert!(
            admission.admit(from("192.0.2.1")).is_some(),
            "what is closed no longer counts"
        );
    }

    #[test]
    fn an_ipv6_network_is_one_place() {
        let admission = admission(100, 1);
        let _held = admission.admit(from("2001:db8::1")).unwrap();
        assert!(admission.admit(from("2001:db8::ffff:2")).is_none());
        assert!(admission.admit(from("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn a_trusted_proxy_counts_in_the_total_only() {
        let admission = admission(3, 1);
        let _held: Vec<_> = (0..3)
            .map(|_| admission.admit(from("10.0.0.1")).unwrap())
            .collect();
        assert!(
            admission.admit(from("192.0.2.1")).is_none(),
            "the server is full"
        );
    }

    #[test]
    fn networks_that_left_are_forgotten() {
        let admission = admission(100, 2);
        drop(admission.admit(from("192.0.2.1")));
        assert_eq!(
            format!("{:?}", admission.held.lock().unwrap()),
            "0 connections from 0 networks"
        );
        assert_eq!(admission.metrics.open.get(), 0);
    }
}
