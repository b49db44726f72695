//! Where private keys rest and sign. One file or folder per kind of custody, each an implementation of
//! [`domain::ports::Custody`](keywright_domain::ports::Custody); the app chooses from the configuration.
//!
//! | | keys rest | keys sign |
//! |---|---|---|
//! | `sealed.rs` | in the database, sealed under a master key | in this process |
//! | `pkcs11` | in a PKCS#11 token | in the token; symmetric ones in this process |
//! | `transit` | in the Transit secrets engine of OpenBao or Vault | in there; symmetric ones in this process |
//! | `mixed.rs` | in several, on the way from one to another | where they rest |
//!
//! What it does not own: when a key is generated, published or retired (`domain::keys`), and where sealed bytes are
//! stored (the store). Nothing in here reads the process environment; the app does, once. Calls into a vault block: the app keeps them
//! off its workers.

mod contact;
mod envelope;
mod label;
mod local;
mod master;
mod mixed;
mod pkcs11;
mod place;
mod random;
mod rsa;
mod sealed;
mod transit;
mod under_way;

pub use master::{MasterKey, MasterKeyError};
pub use mixed::{Kept, MixedCustody};
pub use pkcs11::{Pkcs11Custody, Pkcs11Error, Pkcs11Settings};
pub use place::Place;
pub use random::NoRandomness;
pub use sealed::SealedCustody;
pub use transit::{TokenSource, TransitCustody, TransitError, TransitSettings};
pub use under_way::TooMany;
