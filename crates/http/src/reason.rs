//! Every reason for which a request can be refused, as the outside sees it: a stable code, a status, a constant sentence.
//!
//! Inside, errors are precise and belong to their use case; `problem_map.rs` says which reason each of them becomes.

use http::StatusCode;

macro_rules! reasons {
    ($($variant:ident = $status:ident $code:literal $says:literal;)+) => {
        /// Why a request was refused. The code is a stable interface; the sentence is for people and may be improved.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $(#[doc = $says] $variant),+ }

        impl Reason {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant),+];

            pub const fn code(self) -> &'static str {
                match self { $(Reason::$variant => $code),+ }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Reason::$variant => StatusCode::$status),+ }
            }

            /// One sentence that tells nothing about this server or anybody's account.
            pub const fn says(self) -> &'static str {
                match self { $(Reason::$variant => $says),+ }
            }
        }
    };
}

reasons! {
    MalformedRequest = BAD_REQUEST "malformed_request" "The request cannot be read.";
    InvalidField = BAD_REQUEST "invalid_field" "A member of the request is missing, unknown or not acceptable; `errors` names it.";
    WeakPassword = BAD_REQUEST "weak_password" "The new password is not strong enough.";
    InvalidScope = BAD_REQUEST "invalid_scope" "The scope is unknown to the API, or none of it may be granted.";
    InvalidTarget = BAD_REQUEST "invalid_target" "The audience is not an API that is registered here, or none is named and the client has no default.";
    InvalidClient = BAD_REQUEST "invalid_client" "There is no such client, or it may not be used here.";
    InvalidRedirectUri = BAD_REQUEST "invalid_redirect_uri" "The address to go back to is not one that is registered for the client.";
    PageExpired = BAD_REQUEST "page_expired" "The page has expired; go back to the application and start again.";
    InvalidLink = BAD_REQUEST "invalid_link" "The link is not valid: it is unknown, has expired, or was used already.";
    TokenRequired = UNAUTHORIZED "token_required" "An access token is required.";
    InvalidToken = UNAUTHORIZED "invalid_token" "The access token is not acceptable.";
    SessionOver = UNAUTHORIZED "session_over" "The session is over; log in again.";
    FollowerUnproved = UNAUTHORIZED "client_unproved" "Client credentials by HTTP Basic, or an access token, are required; the credentials that came, if any, are wrong.";
    LoginRefused = UNAUTHORIZED "login_refused" "The name or the password is wrong, or the e-mail address is not verified yet.";
    WrongPassword = FORBIDDEN "wrong_password" "The current password is wrong.";
    InvalidRefreshToken = UNAUTHORIZED "invalid_refresh_token" "The refresh token is not valid: it is unknown, has expired, was revoked, or its session is over.";
    RefreshTokenReused = UNAUTHORIZED "refresh_token_reused" "The refresh token had been used before, so the session was ended; log in again.";
    StepUpRequired = UNAUTHORIZED "step_up_required" "The refresh was unlike the last use of the session; log in again.";
    RegistrationClosed = FORBIDDEN "registration_closed" "Registration is closed.";
    InsufficientScope = FORBIDDEN "insufficient_scope" "The access token lacks the scope that this operation requires.";
    NotGranted = FORBIDDEN "not_granted" "None of your roles grants this.";
    GrantNotAllowed = FORBIDDEN "grant_not_allowed" "The client may not use this grant.";
    SessionRequired = FORBIDDEN "session_required" "This operation is for people; the access token belongs to a service.";
    ForeignForm = FORBIDDEN "foreign_form" "The form did not come from a current page of this server in this browser; load the page again, with cookies allowed, and try once more.";
    ClientNotAllowed = FORBIDDEN "client_not_allowed" "The client may not act on the account itself; that is for the applications of the house.";
    NotFound = NOT_FOUND "not_found" "There is no such resource.";
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed" "The resource does not support this method; `Allow` names those that it does.";
    RequestTimeout = REQUEST_TIMEOUT "request_timeout" "The request did not arrive in time.";
    Taken = CONFLICT "taken" "The name is taken.";
    Conflict = CONFLICT "conflict" "The resource was changed at the same time, or its state does not allow this.";
    BodyTooLarge = PAYLOAD_TOO_LARGE "body_too_large" "The request body is too large.";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The request body has another content type than this resource takes.";
    HttpsRequired = MISDIRECTED_REQUEST "https_required" "Use HTTPS.";
    TooManyAttempts = TOO_MANY_REQUESTS "too_many_attempts" "Too many attempts; try again later.";
    Internal = INTERNAL_SERVER_ERROR "internal" "Something went wrong here.";
    Unavailable = SERVICE_UNAVAILABLE "unavailable" "This cannot be done right now; try again soon.";
    Overloaded = SERVICE_UNAVAILABLE "overloaded" "Too many requests wait; try again soon.";
    Timeout = GATEWAY_TIMEOUT "timeout" "The answer took too long.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_every_status_is_an_error() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            let status = reason.status();
            assert!(
                status.is_client_error() || status.is_server_error(),
                "{reason:?}"
            );
        }
    }
}
