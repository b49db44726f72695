//! Where on Earth an address is, roughly.

use std::fmt::Debug;
use std::net::IpAddr;

use crate::session::Place;

pub trait Places: Debug + Send + Sync {
    /// From memory: it is asked while a refresh is decided. `None` if it is not known.
    fn place_of(&self, address: IpAddr) -> Option<Place>;
}

/// Knows no address.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Places for Nowhere {
    fn place_of(&self, _address: IpAddr) -> Option<Place> {
        None
    }
}
