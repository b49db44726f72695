//! Every rule of Keywright, and nothing else: no HTTP, no SQL, no files, no environment, no runtime, no clock.
//!
//! One [`Issuer`] is one deployment. A use case is one of its methods and lives in one file that bears the
//! same name in every crate: `session/refresh.rs` here, `sessions/refresh.rs` in the store, `v1/refresh.rs` in HTTP.
//! What a rule needs from outside is a port (`ports/`): it speaks intent and answers with an outcome.
//!
//! | room | owns |
//! |---|---|
//! | `account` | people: registration, login, passwords, e-mail proofs, disabling |
//! | `login` | a person's login in one browser: the cookie behind single sign-on |
//! | `logout` | logging out at a client's wish, and telling clients of it |
//! | `session` | one login on one device: the refresh-token family, logout |
//! | `authorize` | authorization requests, codes, and what people consent to |
//! | `client` | applications and services that ask for tokens, and how they prove who they are |
//! | `access` | APIs, scopes, roles, and the intersection that a token carries |
//! | `grant` | OAuth grants that are not a session's refresh |
//! | `claims` | what tokens carry beyond the registered claims |
//! | `token` | minting access tokens and ID tokens |
//! | `trust` | issuers of others whose word is taken about who somebody is |
//! | `keys` | signing keys: states, schedule, emergency; server secrets |
//! | `status` | status lists: the entries by which tokens are killed |
//! | `feed` | what verifiers must learn at once, numbered and signed |
//! | `openid` | who a person is to a client: subject, profile, standard claims |
//! | `ledger` | every living token on record: seeing, counting, ending |
//! | `fleet` | verifiers that report back, and what their reports say |
//! | `audit` | security events and the hash chain that proves them |
//! | `webhook` | what a receiver outside is told of anomalies |
//! | `limit` | rate limits that count failures |
//! | `ports` | what the outside must provide |

pub mod access;
pub mod account;
pub mod audit;
pub mod authorize;
pub mod claims;
pub mod client;
pub mod feed;
pub mod fleet;
pub mod grant;
mod id;
mod issuer;
pub mod keys;
pub mod ledger;
pub mod limit;
pub mod login;
pub mod logout;
mod one_time;
pub mod openid;
pub mod policy;
pub mod ports;
mod sealed;
pub mod secret;
pub mod session;
pub mod status;
mod time;
pub mod token;
pub mod trust;
pub mod webhook;

pub use id::{InitialAccessId, IssuerUrl, LoginId, SessionId, UserId};
pub use issuer::{Issuer, Outside};
pub use policy::Policy;
pub use ports::Unavailable;
pub use time::{MalformedTime, Period, Time};
