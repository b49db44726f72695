//! `/feed` and what comes back by `/feed/report`.

mod follow;
mod follower;
mod report;
