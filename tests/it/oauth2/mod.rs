//! OAuth 2.1.

use keywright_tests::Answer;

mod attacks;
mod authorization_code;
mod authorization_details;
mod authorize;
mod authorize_fault;
mod authorize_hint;
mod authorize_jwt;
mod certificate;
mod client_assertion;
mod client_documents;
mod client_secret_jwt;
mod cross_origin;
mod device;
mod dpop;
mod errors;
mod id_token;
mod introspect;
mod kept_refresh_token;
mod lacking_custody;
mod logout;
mod mcp;
mod par;
mod register;
mod revoke;
mod single_logout;
mod token;
mod token_exchange;
mod trust;
mod user_info;

/// Asserts an error by RFC 6749 §5.2.
#[track_caller]
fn refused(answer: Answer, status: u16, error: &str) -> Answer {
    let answer = answer.is(status);
    assert_eq!(answer.str("/error"), error, "{answer}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/json"),
        "{answer}"
    );
    answer
}
