//! The test kit: a whole issuer in one process, and the real binary in a folder of its own.
//!
//! | file | gives |
//! |---|---|
//! | `issuer.rs` | [`TestIssuer`]: real store, real custody, real router; a clock that a test moves |
//! | `seed.rs` | what every test issuer holds: APIs, roles, clients, people |
//! | `actor.rs` | who calls: [`Actor`], straight into the router |
//! | `person.rs` | [`Person`], who has logged in, and [`Service`], which has a secret |
//! | `signing_client.rs` | [`SigningClient`], which proves itself by what it signs |
//! | `certified.rs` | [`Certified`]: a certificate, and who shows it through a proxy |
//! | `prover.rs` | [`Prover`], who proves to hold a key with each request |
//! | `visitor.rs` | [`Visitor`], a browser without a screen: cookies, redirects, forms |
//! | `flow.rs` | [`FlowClient`], whose people log in in a browser |
//! | `openid.rs` | clients of OpenID Connect, and people's sessions with them |
//! | `event_stream.rs` | [`EventStream`]: an answer that goes on, message by message |
//! | `answer.rs` | what came back, and assertions on it |
//! | `mailbox.rs` | letters that were sent |
//! | `forge.rs` | tokens that must be refused |
//! | `mmdb.rs` | a database of addresses and places |
//! | `stand_in/` | the parts that a test must hold in its hand: time, randomness, hashing, the world outside, and a store that can fail |
//! | `binary/` | the real `keywright` on loopback ports |
//! | `soft_hsm.rs` | [`SoftHsm`]: a PKCS#11 token that a test can take out |
//! | `open_bao.rs` | [`OpenBao`]: a vault that a test can seal |
//! | `browser.rs` | [`Browser`]: headless Chromium |
//! | `web_app.rs` | [`WebApp`]: an application around a client library that others wrote |
//! | `engine.rs` | a database for each test, on either engine |
//! | `environment.rs` | what `cargo xtask test` hands in |
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, and so does its kit"
)]

mod actor;
mod answer;
mod binary;
mod browser;
mod certified;
mod engine;
mod environment;
mod event_stream;
pub mod flow;
pub mod forge;
mod issuer;
mod mailbox;
pub mod mmdb;
mod open_bao;
mod openid;
mod person;
mod prover;
pub mod seed;
mod signing_client;
mod soft_hsm;
mod stand_in;
mod visitor;
mod web_app;

pub use actor::{Actor, Call, escaped};
pub use answer::Answer;
pub use binary::{Binary, Signer, free_ports};
pub use browser::Browser;
pub use certified::{Certified, PROXY};
pub use engine::{Engine, Folder};
pub use environment::{Environment, environment};
pub use event_stream::{EventStream, Message};
pub use flow::FlowClient;
pub use issuer::TestIssuer;
pub use mailbox::Received;
pub use open_bao::OpenBao;
pub use person::{Person, Service};
pub use prover::{DPOP, Prover, post_with};
pub use signing_client::{SigningClient, key_of_secret, key_set};
pub use soft_hsm::SoftHsm;
pub use stand_in::{
    FakeClock, InlinePasswords, LackingCustody, SeededEntropy, WatchedStore, World,
};
pub use visitor::{Visitor, attribute};
pub use web_app::{Administrator, WebApp};

/// reqwest takes the process's default; without one it panics.
pub(crate) fn install_crypto() {
    // An error says that another test was first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Runs each test on both engines: `on_both_engines! { async fn sentence(issuer: TestIssuer) { … } }` is a module with
/// the tests `sqlite` and `postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$doc:meta])* async fn $name:ident($issuer:ident: $test_issuer:ty) $body:block)+) => {
        $($(#[$doc])* mod $name {
            use super::*;

            async fn run($issuer: $test_issuer) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::TestIssuer::new($crate::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::TestIssuer::new($crate::Engine::Postgres).await).await;
            }
        })+
    };
}

/// Compares status, telling headers and body with an inline snapshot; tests that run on both engines share it.
#[macro_export]
macro_rules! assert_answer {
    ($answer:expr, @$snapshot:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($answer, @$snapshot) }
    };
}
