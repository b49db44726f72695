//! Strict readers. What does not fit is refused with a problem that names the member; nothing is guessed, cut or ignored.

pub mod bearer;
pub mod body;
mod field;
pub mod form;
mod json;
pub mod origin;
mod path;
mod present;
mod query;
mod text;
mod unique_map;
pub mod urlencoded;

pub use json::{Json, OptionalJson, ShortJson};
pub use path::PathParam;
pub use present::present;
pub use query::{Limit, Query, Seq, no_query};
pub use text::{LoginText, Name, Secret, Words};
pub use unique_map::UniqueMap;
