//! What stands in for the outside where a test must hold it in its hand.

mod clock;
mod custody;
mod entropy;
mod passwords;
mod watched;
mod world;

pub use clock::FakeClock;
pub use custody::LackingCustody;
pub use entropy::SeededEntropy;
pub use passwords::InlinePasswords;
pub use watched::WatchedStore;
pub use world::World;
