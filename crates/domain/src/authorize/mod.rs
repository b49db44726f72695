//! The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2): from a client's request to a code.
//!
//! | file | owns |
//! |---|---|
//! | `parameters.rs` | the request as it arrived |
//! | `resolve.rs` | what it says, wherever it says it: itself, pushed before (`push.rs`, `pushed.rs`), or in a signed object (`request_object.rs`) |
//! | `check/` | one check per file, in the order of one table |
//! | `interaction.rs` | whether the person must log in or consent first |
//! | `demands.rs` | whether the login that there is will do |
//! | `fault.rs` | what a request is answered that is wrong, or that fails here |
//! | `ticket.rs` | a request that waits for the person, sealed into the page |
//! | `response.rs` | what goes back to the client, and how |
//! | `signed_response.rs` | the same, signed for the client |
//! | `code.rs` | the authorization code, and what becomes of one that is presented |
//! | `consent.rs`, `consents.rs` | what people have granted to which client |
//!
//! Codes are spent in `grant`; logins in a browser are `login`'s, pages are HTTP's.

#[expect(
    clippy::module_inception,
    reason = "the room is named after its chief thing"
)]
mod authorize;
mod check;
mod code;
mod consent;
mod consents;
mod demands;
mod fault;
mod interaction;
mod issue;
mod objection;
mod parameters;
mod push;
mod pushed;
mod request;
mod request_object;
mod resolve;
mod response;
mod resume;
mod signed_response;
mod ticket;

pub use authorize::{Authorization, AuthorizeError, ConsentAsked, Waiting};
pub use check::RESPONSE_MODES;
pub use code::{
    AuthorizationCode, CodeId, CodeRefused, PresentedCode, StoredCode, Verdict, decide,
};
pub use consent::{Consent, openid_scope_says};
pub use consents::ConsentError;
pub use fault::Fault;
pub use objection::Objection;
pub use parameters::{MalformedParameters, Parameters};
pub use push::{PushError, PushRequest, Pushed};
pub use pushed::{PushedId, PushedRequest};
pub use request::{AuthorizationRequest, Prompt};
pub use response::{AuthorizationResponse, ResponseMode};
pub use resume::ConsentDecision;
