//! Verify access tokens locally: no call, no lookup, one signature check.
//!
//! A [`Verifier`] pins everything that a token could try to choose: which keys, which algorithm per key, which type,
//! which issuer and audience. What it refuses, it refuses with a [`Refusal`] that has a stable code and maps to the
//! challenge of RFC 6750.
//!
//! ```
//! use keywright_jwt::{AccessClaims, Algorithm, JwkSet, SigningKey};
//! use keywright_verify::{KeySlot, Verifier};
//!
//! # let (key, _) = SigningKey::generate(Algorithm::Es256)?;
//! # let published = JwkSet { keys: vec![key.public_jwk().ok_or("symmetric")?] }.to_json();
//! # let claims = AccessClaims {
//! #     iss: "https://id.example", sub: "alice", aud: &["https://orders.example"], client_id: "shop",
//! #     exp: 4_102_444_800, iat: 1_700_000_000, jti: "1", scope: "read:orders", ..AccessClaims::default()
//! # };
//! # let token = key.sign("at+jwt", &claims.to_payload()?)?;
//! let keys = KeySlot::new(JwkSet::parse(published.as_bytes())?)?;
//! let verifier = Verifier::builder("https://id.example", keys).audience("https://orders.example").build()?;
//!
//! let verified = verifier.verify(&token)?;
//! assert_eq!(verified.sub(), Some("alice"));
//! verified.require_scope("read:orders")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is checked, in this order
//! 1. Shape: three parts of canonical base64url, within the size limit.
//! 2. Header: read strictly, or recognised byte for byte from a token that passed before. It only selects a key.
//! 3. Signature, with the algorithm that the key is pinned to (RFC 8725 §3.1).
//! 4. Claims: strict JSON; `iss`, `aud`, `exp`, `nbf`, `iat`, and what RFC 9068 §2.2 demands beyond.
//! 5. What the service itself requires: scopes, roles, age, and whether the token has been revoked.
//!
//! # Revocation
//! A token that refers to a status list is looked up in [`StatusLists`]. What to do when the list is missing or too old is
//! said by name, because either answer can be the wrong one.
//!
//! ```
//! use keywright_verify::{KeySlot, StatusLists, Verifier, WhenUnknown};
//!
//! # let keys = KeySlot::empty();
//! let lists = StatusLists::new("https://id.example", keys.clone(), 600);
//! let verifier = Verifier::builder("https://id.example", keys)
//!     .audience("https://orders.example")
//!     .revocation(lists.clone(), WhenUnknown::FailClosed)
//!     .build()?;
//! // `lists` goes to `remote::RemoteStatusLists` and `remote::RemoteFeed`, or is fed by hand with `take` and `apply`.
//! # Ok::<(), keywright_verify::BuildError>(())
//! ```
//!
//! # Tokens that are bound to a key
//! A stolen bearer token is good for anybody. One that is bound (`cnf`) is taken by a [`BoundVerifier`] only, with a DPoP
//! proof (RFC 9449) or the certificate of the connection (RFC 8705); every other verifier refuses it.
//!
//! ```
//! use keywright_verify::{Dpop, KeySlot, Possession, Presented, ProofOf, Verifier};
//!
//! # let keys = KeySlot::empty();
//! let verifier = Verifier::builder("https://id.example", keys)
//!     .audience("https://orders.example")
//!     .build_bound(Possession::new().dpop(Dpop::new()).only_bound())?;
//! # let (token, proof) = ("", "");
//! let dpop = ProofOf { proof, method: "GET", url: "https://orders.example/orders" };
//! let outcome = verifier.verify(token, &Presented { dpop: Some(dpop), certificate: None });
//! # assert!(outcome.is_err());
//! # Ok::<(), keywright_verify::BuildError>(())
//! ```
//!
//! # Features
//! `fetch` gets keys and status lists from the issuer, keeps them fresh and follows its feed ([`remote`]), `tower` is a layer for any HTTP service
//! ([`tower`]), `axum` adds extractors ([`axum`]). None is on by default, and without them there is no network, no
//! runtime and no HTTP crate among the dependencies.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

#[cfg(feature = "axum")]
pub mod axum;
mod bearer;
mod builder;
mod cache;
mod challenge;
mod clock;
mod counters;
mod dpop;
pub mod feed;
mod keys;
mod policy;
mod possession;
mod refusal;
#[cfg(feature = "fetch")]
pub mod remote;
mod revocation;
mod signed;
mod source;
#[cfg(feature = "tower")]
pub mod tower;
mod verified;
mod verifier;

pub use bearer::{BearerError, bearer_token};
pub use builder::{BuildError, VerifierBuilder};
pub use challenge::Challenge;
pub use clock::{Clock, SystemClock};
pub use counters::{Counts, TimingBucket};
pub use dpop::{Dpop, Nonces, ProofError, ProofOf, ProvedKey};
pub use keys::{KeyDocumentError, KeySetRefused, KeySlot};
pub use policy::Profile;
pub use possession::{BoundVerifier, Possession, Presented};
pub use refusal::Refusal;
pub use revocation::{
    Knowledge, Revocation, Status, StatusChange, StatusListError, StatusListState, StatusLists,
    WhenUnknown,
};
pub use source::KeySource;
pub use verified::{Scratch, Verified};
pub use verifier::Verifier;

pub use keywright_jwt::{Algorithm, Claims, JwkSet};
