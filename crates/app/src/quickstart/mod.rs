//! The two-minute path: everything that a first look needs, made in one directory.
//!
//! Each step leaves what it finds as it is, and `quickstart.json` is written last: a run that was cut short is completed by the next
//! one, and a completed one is never changed.

mod directory;
mod manifest;
mod seed;
mod story;

pub use directory::Directory;
pub use manifest::Manifest;
pub use seed::seed;
pub use story::story;
