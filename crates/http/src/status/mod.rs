//! Status lists on the wire (IETF Token Status List §8, §9): who polls instead of following the feed learns here whose tokens are
//! dead. Needs no database.

mod aggregation;
mod list;

pub use aggregation::{StatusListUris, list_status_lists};
pub use list::{StatusListJwt, serve_status_list};
