//! Every way in which the token endpoint refuses (RFC 6749 §5.2), and the one map from the domain's errors to it.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use keywright_domain::access::{DetailsRefused, ScopeRefused};
use keywright_domain::authorize::{Objection, PushError};
use keywright_domain::client::ClientRefused;
use keywright_domain::client::dynamic::{ManageClientError, MetadataRefused, RegisterClientError};
use keywright_domain::limit::Limited;
use keywright_domain::ports::{CustodyError, SignError};
use keywright_domain::token::{IntrospectError, MintError, RevokeError};
use keywright_domain::{Period, Unavailable};
use keywright_verify::ProofError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::body::BodyRefused;
use crate::extract::form::FormRefused;
use crate::extract::urlencoded::NotUrlEncoded;
use crate::problem::retry_after;
use crate::problem_map::{SOON, log_failure};

macro_rules! reasons {
    ($($variant:ident = $status:ident $error:literal $says:literal;)+) => {
        /// Why the token endpoint refused. Several reasons may share one `error` of RFC 6749; the description tells them apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum OAuthReason { $(#[doc = $says] $variant),+ }

        impl OAuthReason {
            pub const ALL: &'static [OAuthReason] = &[$(OAuthReason::$variant),+];

            /// The registered `error`.
            pub const fn error(self) -> &'static str {
                match self { $(OAuthReason::$variant => $error),+ }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(OAuthReason::$variant => StatusCode::$status),+ }
            }

            /// The constant `error_description`; no character outside RFC 6749's set.
            pub const fn says(self) -> &'static str {
                match self { $(OAuthReason::$variant => $says),+ }
            }
        }
    };
}

reasons! {
    NotAForm = BAD_REQUEST "invalid_request" "the body must be one application/x-www-form-urlencoded form";
    BodyTooLarge = PAYLOAD_TOO_LARGE "invalid_request" "the body is too large";
    DuplicateParameter = BAD_REQUEST "invalid_request" "a parameter is given more than once";
    MissingParameter = BAD_REQUEST "invalid_request" "a required parameter is missing or malformed";
    TwoClientMethods = BAD_REQUEST "invalid_request" "the client authenticates by more than one method";
    ClientMissing = UNAUTHORIZED "invalid_client" "client authentication is required";
    InvalidClient = UNAUTHORIZED "invalid_client" "the client is unknown, its proof is wrong, or it is registered for another method";
    GrantNotAllowed = BAD_REQUEST "unauthorized_client" "the client may not use this grant";
    UnsupportedGrant = BAD_REQUEST "unsupported_grant_type" "the grant is not supported";
    InvalidGrant = BAD_REQUEST "invalid_grant" "the refresh token is not valid: it is unknown, expired, revoked, or of another client";
    ReusedGrant = BAD_REQUEST "invalid_grant" "the refresh token had been used before, so its session was ended";
    InvalidCode = BAD_REQUEST "invalid_grant" "the code is not valid: it is unknown, expired, of another client, or redirect_uri or code_verifier do not fit it";
    ReusedCode = BAD_REQUEST "invalid_grant" "the code had been used before, so what it had opened was ended";
    InvalidDeviceCode = BAD_REQUEST "invalid_grant" "the device code is not valid: it is unknown, used already, or of another client";
    AuthorizationPending = BAD_REQUEST "authorization_pending" "nobody has decided yet";
    SlowDown = BAD_REQUEST "slow_down" "wait five seconds longer between two questions than before";
    AccessDenied = BAD_REQUEST "access_denied" "the user has denied it";
    ExpiredToken = BAD_REQUEST "expired_token" "nobody has decided in time; ask for new codes";
    StepUpRequired = BAD_REQUEST "invalid_grant" "the refresh was unlike the last use of the session; the user has to log in again";
    InvalidDpopProof = BAD_REQUEST "invalid_dpop_proof" "the DPoP proof is missing, does not hold, or was used before";
    UseDpopNonce = BAD_REQUEST "use_dpop_nonce" "the DPoP proof needs the nonce of the DPoP-Nonce header";
    CertificateMissing = BAD_REQUEST "invalid_request" "the tokens of the client are bound to its certificate, and none arrived with the request";
    PushRefused = BAD_REQUEST "invalid_request" "the pushed request is refused; error and description are those of the authorization endpoint";
    PushedRedirect = BAD_REQUEST "invalid_request" "redirect_uri is missing, or not one that is registered for the client";
    ForeignToken = BAD_REQUEST "invalid_request" "the token was issued to another client";
    PublicClient = UNAUTHORIZED "invalid_client" "only a client that proves itself may ask this";
    UnsupportedTokenType = BAD_REQUEST "invalid_request" "only access tokens are exchanged, and for access tokens alone";
    SubjectToken = BAD_REQUEST "invalid_request" "the subject_token is not a living access token of this issuer, or of one that it trusts, that this client may exchange";
    ActorToken = BAD_REQUEST "invalid_request" "the actor_token is not a living access token of this issuer that this client holds";
    InvalidAssertion = BAD_REQUEST "invalid_grant" "the assertion is not one of an issuer that is trusted here, for this client, about an account that is here, unused and a few minutes old";
    InvalidScope = BAD_REQUEST "invalid_scope" "the scope is malformed, unknown to the API, or none of it may be granted";
    InvalidDetails = BAD_REQUEST "invalid_authorization_details" "authorization_details are refused, or not taken with this grant";
    InvalidTarget = BAD_REQUEST "invalid_target" "the audience is not an API that is registered here, is missing and has no default, or was chosen before";
    InvalidRedirectUri = BAD_REQUEST "invalid_redirect_uri" "a redirect URI is missing or cannot be redirected to";
    InvalidClientMetadata = BAD_REQUEST "invalid_client_metadata" "the document is not one JSON object of client metadata that is acceptable here";
    UnapprovedSoftware = BAD_REQUEST "unapproved_software_statement" "software statements are not accepted";
    RegistrationClosed = FORBIDDEN "access_denied" "clients do not register themselves here";
    InvalidToken = UNAUTHORIZED "invalid_token" "the access token that this demands is missing or not valid";
    TooManyAttempts = TOO_MANY_REQUESTS "temporarily_unavailable" "too many attempts; try again later";
    Unavailable = SERVICE_UNAVAILABLE "temporarily_unavailable" "this cannot be done right now; try again soon";
    Internal = INTERNAL_SERVER_ERROR "server_error" "something went wrong here";
}

/// A refusal, ready to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OAuthError {
    pub(super) reason: OAuthReason,
    /// Says more exactly what is wrong with a request that was pushed.
    objection: Option<Objection>,
    retry_after: Option<Period>,
    /// The member of the request that is at fault.
    about: Option<&'static str>,
}

/// The document of RFC 6749 §5.2.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub struct OAuthErrorBody {
    error: &'static str,
    error_description: String,
}

impl OAuthError {
    const fn later(reason: OAuthReason, period: Period) -> Self {
        Self {
            reason,
            objection: None,
            retry_after: Some(period),
            about: None,
        }
    }

    /// Names the member of the request that is at fault.
    pub(crate) const fn about(reason: OAuthReason, member: &'static str) -> Self {
        Self {
            reason,
            objection: None,
            retry_after: None,
            about: Some(member),
        }
    }

    fn challenge(self) -> HeaderValue {
        HeaderValue::from_static(if self.reason == OAuthReason::InvalidToken {
            "Bearer realm=\"keywright\", error=\"invalid_token\""
        } else {
            "Basic realm=\"keywright\", charset=\"UTF-8\""
        })
    }
}

impl From<OAuthReason> for OAuthError {
    fn from(reason: OAuthReason) -> Self {
        Self {
            reason,
            objection: None,
            retry_after: None,
            about: None,
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (error, error_description) = match self.objection {
            Some(objection) => (objection.error(), objection.says()),
            None => (self.reason.error(), self.reason.says()),
        };
        let body = OAuthErrorBody {
            error,
            error_description: match self.about {
                Some(member) => format!("{error_description}: {member}"),
                None => error_description.to_owned(),
            },
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(period) = self.retry_after {
            headers.insert(RETRY_AFTER, retry_after(period));
        }
        if self.reason.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, self.challenge());
        }
        (self.reason.status(), headers, json).into_response()
    }
}

impl From<FormRefused> for OAuthError {
    fn from(refused: FormRefused) -> Self {
        match refused {
            FormRefused::Body(BodyRefused::TooLarge) => OAuthReason::BodyTooLarge,
            FormRefused::Body(BodyRefused::ContentType | BodyRefused::Incomplete)
            | FormRefused::NotUrlEncoded(NotUrlEncoded::Malformed) => OAuthReason::NotAForm,
            FormRefused::NotUrlEncoded(NotUrlEncoded::Duplicate(_)) => {
                OAuthReason::DuplicateParameter
            }
        }
        .into()
    }
}

impl From<IntrospectError> for OAuthError {
    fn from(error: IntrospectError) -> Self {
        match error {
            IntrospectError::Client(error) => error.into(),
            IntrospectError::PublicClient => OAuthReason::PublicClient.into(),
            IntrospectError::Mint(error) => error.into(),
            IntrospectError::Unavailable(error) => error.into(),
        }
    }
}

impl From<PushError> for OAuthError {
    fn from(error: PushError) -> Self {
        match error {
            PushError::Client(error) => error.into(),
            PushError::RedirectUri => OAuthReason::PushedRedirect.into(),
            PushError::Objection(objection) => Self {
                objection: Some(objection),
                ..OAuthReason::PushRefused.into()
            },
            PushError::Limited(limited) => limited.into(),
            PushError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RevokeError> for OAuthError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Client(error) => error.into(),
            RevokeError::OtherClient => OAuthReason::ForeignToken.into(),
            RevokeError::Unavailable(error) => error.into(),
        }
    }
}

impl From<MintError> for OAuthError {
    fn from(error: MintError) -> Self {
        log_failure(&error);
        match error {
            // Until the successor of a key that was revoked in an emergency is known, or the vault is back.
            MintError::NoSigningKey(_) | MintError::Sign(SignError::Unavailable(_)) => {
                Self::later(OAuthReason::Unavailable, SOON)
            }
            MintError::Fapi(_) => OAuthReason::InvalidTarget.into(),
            MintError::Claims(_)
            | MintError::Refused(_)
            | MintError::Sign(SignError::Refused(_)) => OAuthReason::Internal.into(),
        }
    }
}

impl From<ClientRefused> for OAuthError {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::Unknown
            | ClientRefused::WrongSecret
            | ClientRefused::WrongMethod(_)
            | ClientRefused::Assertion(_)
            | ClientRefused::Certificate(_) => OAuthReason::InvalidClient.into(),
            ClientRefused::CertificateMissing => OAuthReason::CertificateMissing.into(),
            ClientRefused::KeyNotProved | ClientRefused::ProofAlgorithm(_) => {
                OAuthReason::InvalidDpopProof.into()
            }
            ClientRefused::GrantNotAllowed => OAuthReason::GrantNotAllowed.into(),
            ClientRefused::Limited(limited) => limited.into(),
            ClientRefused::Unavailable(error) => error.into(),
        }
    }
}

impl From<ScopeRefused> for OAuthError {
    fn from(refused: ScopeRefused) -> Self {
        match refused {
            ScopeRefused::UnknownApi(_) | ScopeRefused::NoApi | ScopeRefused::OtherApi => {
                OAuthReason::InvalidTarget
            }
            ScopeRefused::UnknownScope(_) | ScopeRefused::NothingGranted => {
                OAuthReason::InvalidScope
            }
        }
        .into()
    }
}

impl From<DetailsRefused> for OAuthError {
    fn from(refused: DetailsRefused) -> Self {
        Self {
            objection: Some(refused.into()),
            ..OAuthReason::InvalidDetails.into()
        }
    }
}

impl From<RegisterClientError> for OAuthError {
    fn from(error: RegisterClientError) -> Self {
        match error {
            RegisterClientError::Closed => OAuthReason::RegistrationClosed.into(),
            RegisterClientError::Token => OAuthReason::InvalidToken.into(),
            RegisterClientError::Metadata(refused) => refused.into(),
            RegisterClientError::Limited(limited) => limited.into(),
            RegisterClientError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ManageClientError> for OAuthError {
    fn from(error: ManageClientError) -> Self {
        match error {
            ManageClientError::Token => OAuthReason::InvalidToken.into(),
            ManageClientError::Metadata(refused) => refused.into(),
            ManageClientError::Limited(limited) => limited.into(),
            ManageClientError::Unavailable(error) => error.into(),
        }
    }
}

impl From<MetadataRefused> for OAuthError {
    fn from(refused: MetadataRefused) -> Self {
        match refused {
            MetadataRefused::RedirectUri(_) | MetadataRefused::RedirectUris => {
                OAuthReason::InvalidRedirectUri.into()
            }
            MetadataRefused::Member(member, _) => {
                Self::about(OAuthReason::InvalidClientMetadata, member)
            }
            MetadataRefused::Algorithm(CustodyError::Unsupported { algorithm, .. }) => {
                Self::about(OAuthReason::InvalidClientMetadata, algorithm.as_str())
            }
            MetadataRefused::Algorithm(
                CustodyError::WrongMasterKey { .. }
                | CustodyError::Elsewhere { .. }
                | CustodyError::BadKey { .. }
                | CustodyError::Unavailable(_),
            ) => OAuthReason::InvalidClientMetadata.into(),
            MetadataRefused::SoftwareStatement => OAuthReason::UnapprovedSoftware.into(),
        }
    }
}

impl From<ProofError> for OAuthError {
    fn from(error: ProofError) -> Self {
        if error == ProofError::NonceRequired {
            OAuthReason::UseDpopNonce.into()
        } else {
            OAuthReason::InvalidDpopProof.into()
        }
    }
}

impl From<Limited> for OAuthError {
    fn from(limited: Limited) -> Self {
        Self::later(OAuthReason::TooManyAttempts, limited.retry_after)
    }
}

impl From<Unavailable> for OAuthError {
    fn from(error: Unavailable) -> Self {
        log_failure(&error);
        Self::later(OAuthReason::Unavailable, SOON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_to_the_characters_of_rfc_6749() {
        for reason in OAuthReason::ALL {
            let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(reason.says().bytes().all(allowed), "{reason:?}");
        }
    }

    #[test]
    fn a_client_that_cannot_prove_itself_is_challenged() {
        let response = OAuthError::from(ClientRefused::WrongSecret).into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        let challenge = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
        assert!(challenge.starts_with("Basic "), "{challenge}");
    }

    #[test]
    fn a_limit_says_when_to_come_back() {
        let limited = Limited {
            retry_after: Period::secs(10),
        };
        let response = OAuthError::from(ClientRefused::Limited(limited)).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[RETRY_AFTER], "10");
    }
}
