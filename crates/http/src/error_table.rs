//! All errors that the outside can meet, for the generated reference.

use http::StatusCode;
use keywright_domain::authorize::Objection;

use crate::oauth::OAuthReason;
use crate::reason::Reason;

/// One error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorRow {
    pub format: ErrorFormat,
    /// `code` of a problem document, or `error` of OAuth.
    pub code: &'static str,
    pub status: u16,
    pub says: &'static str,
}

/// How an error is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFormat {
    /// RFC 9457; to people, a page with the same code.
    Problem,
    /// RFC 6749 §5.2.
    Token,
    /// By redirect to the client (RFC 6749 §4.1.2.1).
    Authorization,
}

/// In the order of the formats.
pub fn error_table() -> Vec<ErrorRow> {
    let problems = Reason::ALL.iter().map(|reason| ErrorRow {
        format: ErrorFormat::Problem,
        code: reason.code(),
        status: reason.status().as_u16(),
        says: reason.says(),
    });
    let token = OAuthReason::ALL.iter().map(|reason| ErrorRow {
        format: ErrorFormat::Token,
        code: reason.error(),
        status: reason.status().as_u16(),
        says: reason.says(),
    });
    let authorization = Objection::ALL.iter().map(|objection| ErrorRow {
        format: ErrorFormat::Authorization,
        code: objection.error(),
        status: StatusCode::SEE_OTHER.as_u16(),
        says: objection.says(),
    });
    problems.chain(token).chain(authorization).collect()
}
