//! `/feed` and what comes back by `/feed/report`.

mod by_token;
mod follow;
mod follower;
mod report;
