//! One test named after each invariant of the design. Those about log output and crashes are in `logs` and `binary`.

mod accounts;
mod audit;
mod database_down;
mod evidence;
mod keys;
mod refresh;
mod tokens;
