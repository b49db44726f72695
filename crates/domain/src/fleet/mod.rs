//! The verifiers out there, as far as they report: what they know, what they refuse, and what that says about an attack or a
//! rotation that goes wrong.
//!
//! A report replaces the one before it of the same instance. Whoever has reported within a minute counts as connected: the
//! gate of key rotation (`keys/gate.rs`) waits for those, and for nobody else.

mod report;
mod spike;
mod take;

pub use report::{MalformedReport, Report, TimingBucket};
pub use spike::{Spike, Spikes};
pub use take::{ReportError, Verifier};
