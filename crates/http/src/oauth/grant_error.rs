//! What grants refuse, in the terms of RFC 6749 §5.2 and of those that extend it.

use keywright_domain::authorize::CodeRefused;
use keywright_domain::grant::device::{DeviceGrantError, PollRefused, RequestDeviceCodeError};
use keywright_domain::grant::{
    ClientCredentialsError, ExchangeCodeError, ExchangeTokenError, JwtBearerError,
    RefreshGrantError,
};
use keywright_domain::session::RefreshError;
use keywright_domain::trust::TrustError;

use super::error::{OAuthError, OAuthReason};

impl From<ClientCredentialsError> for OAuthError {
    fn from(error: ClientCredentialsError) -> Self {
        match error {
            ClientCredentialsError::Client(error) => error.into(),
            ClientCredentialsError::Scope(error) => error.into(),
            ClientCredentialsError::Details(refused) => refused.into(),
            ClientCredentialsError::Unavailable(error) => error.into(),
            ClientCredentialsError::Mint(error) => error.into(),
        }
    }
}

impl From<ExchangeCodeError> for OAuthError {
    fn from(error: ExchangeCodeError) -> Self {
        match error {
            ExchangeCodeError::Client(error) => error.into(),
            ExchangeCodeError::Refused(refused) => refused.into(),
            ExchangeCodeError::Reused => OAuthReason::ReusedCode.into(),
            ExchangeCodeError::Scope(error) => error.into(),
            ExchangeCodeError::Details(error) => error.into(),
            ExchangeCodeError::Limited(limited) => limited.into(),
            ExchangeCodeError::Mint(error) => error.into(),
            ExchangeCodeError::Unavailable(error) => error.into(),
        }
    }
}

impl From<CodeRefused> for OAuthError {
    /// Which of them it was is not told: it would tell a thief what to try next.
    fn from(refused: CodeRefused) -> Self {
        match refused {
            CodeRefused::Unknown
            | CodeRefused::OtherClient
            | CodeRefused::Expired
            | CodeRefused::RedirectUri
            | CodeRefused::Verifier
            | CodeRefused::Downgrade
            | CodeRefused::ProofKey
            | CodeRefused::LoginOver => OAuthReason::InvalidCode,
            CodeRefused::Target => OAuthReason::InvalidTarget,
        }
        .into()
    }
}

impl From<ExchangeTokenError> for OAuthError {
    fn from(error: ExchangeTokenError) -> Self {
        match error {
            ExchangeTokenError::Client(error) => error.into(),
            // RFC 8693 §2.2.2 has no invalid_grant.
            ExchangeTokenError::Subject => OAuthReason::SubjectToken.into(),
            ExchangeTokenError::Actor => OAuthReason::ActorToken.into(),
            ExchangeTokenError::Trust(error) => of_trust(error, OAuthReason::SubjectToken),
            ExchangeTokenError::Scope(error) => error.into(),
            ExchangeTokenError::Mint(error) => error.into(),
            ExchangeTokenError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RequestDeviceCodeError> for OAuthError {
    fn from(error: RequestDeviceCodeError) -> Self {
        match error {
            RequestDeviceCodeError::Client(error) => error.into(),
            RequestDeviceCodeError::Scope(error) => error.into(),
            RequestDeviceCodeError::Details(error) => error.into(),
            RequestDeviceCodeError::Limited(limited) => limited.into(),
            RequestDeviceCodeError::Unavailable(error) => error.into(),
        }
    }
}

impl From<DeviceGrantError> for OAuthError {
    fn from(error: DeviceGrantError) -> Self {
        match error {
            DeviceGrantError::Client(error) => error.into(),
            DeviceGrantError::Refused(refused) => match refused {
                PollRefused::Pending => OAuthReason::AuthorizationPending,
                PollRefused::SlowDown => OAuthReason::SlowDown,
                PollRefused::Denied => OAuthReason::AccessDenied,
                PollRefused::Expired => OAuthReason::ExpiredToken,
                PollRefused::Unknown => OAuthReason::InvalidDeviceCode,
            }
            .into(),
            DeviceGrantError::Scope(error) => error.into(),
            DeviceGrantError::Limited(limited) => limited.into(),
            DeviceGrantError::Mint(error) => error.into(),
            DeviceGrantError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RefreshGrantError> for OAuthError {
    fn from(error: RefreshGrantError) -> Self {
        match error {
            RefreshGrantError::Client(error) => error.into(),
            RefreshGrantError::Refresh(error) => error.into(),
        }
    }
}

impl From<RefreshError> for OAuthError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Refused(_) => OAuthReason::InvalidGrant.into(),
            RefreshError::Reused => OAuthReason::ReusedGrant.into(),
            RefreshError::StepUpRequired | RefreshError::EndedAsAnomalous => {
                OAuthReason::StepUpRequired.into()
            }
            RefreshError::Scope(error) => error.into(),
            RefreshError::Details(error) => error.into(),
            RefreshError::Limited(limited) => limited.into(),
            RefreshError::Unavailable(error) => error.into(),
            RefreshError::Mint(error) => error.into(),
        }
    }
}

impl From<JwtBearerError> for OAuthError {
    fn from(error: JwtBearerError) -> Self {
        match error {
            JwtBearerError::Client(error) => error.into(),
            // RFC 7523 §3.1.
            JwtBearerError::Trust(error) => of_trust(error, OAuthReason::InvalidAssertion),
            JwtBearerError::Unavailable(error) => error.into(),
        }
    }
}

/// Which of its claims was wrong is for the log: whoever tries tokens would learn from it what to try next.
fn of_trust(error: TrustError, refused: OAuthReason) -> OAuthError {
    match error {
        TrustError::Refused(reason) => {
            tracing::info!(target: "trust.token.refused", reason = %reason);
            refused.into()
        }
        TrustError::Scope(error) => error.into(),
        TrustError::Limited(limited) => limited.into(),
        TrustError::Mint(error) => error.into(),
        TrustError::Unavailable(error) => error.into(),
    }
}
