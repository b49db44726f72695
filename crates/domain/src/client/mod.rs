//! Applications and services that ask for tokens (RFC 6749 §2), and how they prove who they are.

mod assertion;
mod authenticate;
mod by_certificate;
mod certificate;
mod check_flow;
mod check_openid;
mod check_registration;
#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod client;
mod distinguished_name;
pub mod dynamic;
pub(crate) mod fapi;
#[cfg(test)]
pub(crate) mod fixtures;
mod host;
mod key_set;
mod manage;
mod presented;
mod proven;
mod redirect_uri;
mod registration;
mod secret;
mod signed;
mod status;
mod x509;

pub use assertion::{ASSERTION_TYPE, AssertionRefused};
pub(crate) use assertion::{LEEWAY, check_life, name_of};
pub use authenticate::ClientRefused;
pub use by_certificate::CertificateRefused;
pub use certificate::{ClientCertificate, ClientCertificates, MalformedCertificate};
pub use check_flow::FlowRefused;
pub use check_openid::OpenIdRefused;
pub use check_registration::{RegistrationRefused, origin};
pub use client::{Client, ClientId, ClientKind, Grant, MalformedClientId};
pub use fapi::FapiRefused;
pub use key_set::KeysUnknown;
pub(crate) use key_set::{KnownKeySets, PublishedKeys};
pub use manage::{ChangeClient, ClientError, CreatedClient, NewClient};
pub use presented::{ClientProof, PresentedClient, SecretIn};
pub(crate) use proven::ProvenClients;
pub use redirect_uri::{MalformedRedirectUri, RedirectUri};
pub use registration::{AuthMethod, Registration, SubjectType};
pub use secret::{Derivation, KeptSecret};
pub use signed::SignedRefused;
use signed::signed_by_client_secret;
pub(crate) use signed::{Signed, signed_by_secret};
pub use status::reflect;
