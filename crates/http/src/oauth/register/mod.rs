//! Clients register themselves and manage what they registered: `POST /oauth2/register` (RFC 7591) and
//! `/oauth2/register/{client_id}` (RFC 7592).

mod document;
mod manage;
mod new;

pub use document::{ClientInformation, ClientMetadataBody};
pub use manage::{replace_own_registration, show_own_registration, withdraw_own_registration};
pub use new::register_client;
