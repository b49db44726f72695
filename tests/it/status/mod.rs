//! Status lists: what each end of a session, each change of roles and each change of a client says to verifiers.

mod causes;
mod clients;
mod lists;
mod nodes;
pub mod watch;
