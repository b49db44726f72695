//! Applications and services that ask for tokens (RFC 6749 §2), and how they prove who they are.

mod authenticate;
#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod client;
pub mod dynamic;
mod manage;
mod presented;
mod registration;
mod status;

pub use authenticate::ClientRefused;
pub use client::{Client, ClientId, ClientKind, Grant, MalformedClientId};
pub use manage::{ChangeClient, ClientError, CreatedClient, NewClient};
pub use presented::{ClientProof, PresentedClient, SecretIn};
pub use registration::{AuthMethod, MalformedRedirectUri, RedirectUri, Registration, SubjectType};
pub use status::reflect;
