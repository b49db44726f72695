//! All errors that the outside can meet, for the generated reference.

use crate::oauth::OAuthReason;
use crate::reason::Reason;

/// One error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorRow {
    /// `code` of a problem document, or `error` of the token endpoint.
    pub code: &'static str,
    pub status: u16,
    pub says: &'static str,
    /// Whether it is the token endpoint's (RFC 6749 §5.2).
    pub oauth: bool,
}

/// Problem documents first, then the token endpoint's errors.
pub fn error_table() -> Vec<ErrorRow> {
    let problems = Reason::ALL.iter().map(|reason| ErrorRow {
        code: reason.code(),
        status: reason.status().as_u16(),
        says: reason.says(),
        oauth: false,
    });
    let oauth = OAuthReason::ALL.iter().map(|reason| ErrorRow {
        code: reason.error(),
        status: reason.status().as_u16(),
        says: reason.says(),
        oauth: true,
    });
    problems.chain(oauth).collect()
}
