//! Counting outcomes, at the boundary and nowhere else.

use keywright_domain::account::{LogInError, ProofRefused, RegisterError};
use keywright_domain::authorize::{PushError, Pushed};
use keywright_domain::client::{ClientRefused, Grant};
use keywright_domain::feed::Follower;
use keywright_domain::grant::device::{DeviceCodes, DeviceGrantError, RequestDeviceCodeError};
use keywright_domain::grant::{
    ClientCredentialsError, ExchangeCodeError, ExchangeTokenError, JwtBearerError,
    RefreshGrantError,
};
use keywright_domain::login::Login;
use keywright_domain::ports::{PasswordsError, Registered};
use keywright_domain::secret::PlainSecret;
use keywright_domain::session::rotation::Continued;
use keywright_domain::session::{RefreshError, Refreshed};
use keywright_domain::token::{IntrospectError, Introspection, RevokeError, Tokens};
use keywright_domain::trust::TrustError;

use crate::metrics::{
    AnomalyDecision, ClientAuthFailure, LimitedAttempt, LoginOutcome, Metrics, RefreshOutcome,
    RegistrationOutcome,
};
use crate::problem::Problem;
use crate::reason::Reason;

pub fn login(metrics: &Metrics, answer: &Result<Tokens, LogInError>) {
    metrics.login(match answer {
        Ok(tokens) => {
            metrics.minted(Grant::Login, tokens.access.algorithm);
            LoginOutcome::Succeeded
        }
        Err(LogInError::Refused) => LoginOutcome::Refused,
        Err(LogInError::Limited(_)) => {
            metrics.limited(LimitedAttempt::Login);
            LoginOutcome::Limited
        }
        Err(LogInError::Passwords(PasswordsError::Overloaded)) => LoginOutcome::Overloaded,
        Err(LogInError::Client(_) | LogInError::Scope(_)) => LoginOutcome::Invalid,
        Err(
            LogInError::Passwords(PasswordsError::Failed)
            | LogInError::Mint(_)
            | LogInError::Unavailable(_),
        ) => LoginOutcome::Failed,
    });
}

pub fn browser_login(metrics: &Metrics, answer: &Result<(Login, PlainSecret), ProofRefused>) {
    metrics.login(match answer {
        Ok(_) => LoginOutcome::Succeeded,
        Err(ProofRefused::Refused) => LoginOutcome::Refused,
        Err(ProofRefused::Limited(_)) => {
            metrics.limited(LimitedAttempt::Login);
            LoginOutcome::Limited
        }
        Err(ProofRefused::Passwords(PasswordsError::Overloaded)) => LoginOutcome::Overloaded,
        Err(ProofRefused::Passwords(PasswordsError::Failed) | ProofRefused::Unavailable(_)) => {
            LoginOutcome::Failed
        }
    });
}

pub fn registration(metrics: &Metrics, answer: &Result<Registered, RegisterError>) {
    metrics.registration(match answer {
        // Which of the three it was is nobody's business, and a counter is readable by somebody.
        Ok(Registered::Created | Registered::EmailTaken | Registered::UsernameTaken) => {
            RegistrationOutcome::Accepted
        }
        Err(RegisterError::Closed | RegisterError::WeakPassword(_)) => RegistrationOutcome::Refused,
        Err(RegisterError::Limited(_)) => {
            metrics.limited(LimitedAttempt::Registration);
            RegistrationOutcome::Limited
        }
        Err(RegisterError::Passwords(PasswordsError::Overloaded)) => {
            RegistrationOutcome::Overloaded
        }
        Err(RegisterError::Passwords(PasswordsError::Failed) | RegisterError::Unavailable(_)) => {
            RegistrationOutcome::Failed
        }
    });
}

pub fn refresh(metrics: &Metrics, answer: &Result<Refreshed, RefreshError>) {
    match answer {
        Ok(refreshed) => refresh_succeeded(metrics, refreshed),
        Err(error) => metrics.refresh(refresh_outcome(metrics, error)),
    }
}

pub fn refresh_by_client(metrics: &Metrics, answer: &Result<Refreshed, RefreshGrantError>) {
    match answer {
        Ok(refreshed) => refresh_succeeded(metrics, refreshed),
        Err(RefreshGrantError::Refresh(error)) => metrics.refresh(refresh_outcome(metrics, error)),
        Err(RefreshGrantError::Client(refused)) => client_refused(metrics, refused),
    }
}

pub fn exchange_code(metrics: &Metrics, answer: &Result<Tokens, ExchangeCodeError>) {
    match answer {
        Ok(tokens) => metrics.minted(Grant::AuthorizationCode, tokens.access.algorithm),
        Err(ExchangeCodeError::Client(refused)) => client_refused(metrics, refused),
        Err(ExchangeCodeError::Limited(_)) => metrics.limited(LimitedAttempt::Client),
        Err(
            ExchangeCodeError::Refused(_)
            | ExchangeCodeError::Reused
            | ExchangeCodeError::Scope(_)
            | ExchangeCodeError::Details(_)
            | ExchangeCodeError::Mint(_)
            | ExchangeCodeError::Unavailable(_),
        ) => {}
    }
}

pub fn client_credentials(metrics: &Metrics, answer: &Result<Tokens, ClientCredentialsError>) {
    match answer {
        Ok(tokens) => metrics.minted(Grant::ClientCredentials, tokens.access.algorithm),
        Err(ClientCredentialsError::Client(refused)) => client_refused(metrics, refused),
        Err(
            ClientCredentialsError::Scope(_)
            | ClientCredentialsError::Details(_)
            | ClientCredentialsError::Mint(_)
            | ClientCredentialsError::Unavailable(_),
        ) => {}
    }
}

pub fn introspection(metrics: &Metrics, answer: &Result<Introspection, IntrospectError>) {
    if let Err(IntrospectError::Client(refused)) = answer {
        client_refused(metrics, refused);
    }
}

pub fn revocation(metrics: &Metrics, answer: &Result<(), RevokeError>) {
    if let Err(RevokeError::Client(refused)) = answer {
        client_refused(metrics, refused);
    }
}

pub fn push(metrics: &Metrics, answer: &Result<Pushed, PushError>) {
    if let Err(PushError::Client(refused)) = answer {
        client_refused(metrics, refused);
    }
}

pub fn exchange_token(metrics: &Metrics, answer: &Result<Tokens, ExchangeTokenError>) {
    match answer {
        Ok(tokens) => metrics.minted(Grant::TokenExchange, tokens.access.algorithm),
        Err(ExchangeTokenError::Client(refused)) => client_refused(metrics, refused),
        Err(ExchangeTokenError::Trust(error)) => trust(metrics, error),
        Err(
            ExchangeTokenError::Subject
            | ExchangeTokenError::Actor
            | ExchangeTokenError::Scope(_)
            | ExchangeTokenError::Mint(_)
            | ExchangeTokenError::Unavailable(_),
        ) => {}
    }
}

pub fn exchange_assertion(metrics: &Metrics, answer: &Result<Tokens, JwtBearerError>) {
    match answer {
        Ok(tokens) => metrics.minted(Grant::JwtBearer, tokens.access.algorithm),
        Err(JwtBearerError::Client(refused)) => client_refused(metrics, refused),
        Err(JwtBearerError::Trust(error)) => trust(metrics, error),
        Err(JwtBearerError::Unavailable(_)) => {}
    }
}

fn trust(metrics: &Metrics, error: &TrustError) {
    match error {
        TrustError::Limited(_) => metrics.limited(LimitedAttempt::Client),
        TrustError::Refused(_)
        | TrustError::Scope(_)
        | TrustError::Mint(_)
        | TrustError::Unavailable(_) => {}
    }
}

pub fn device_codes(metrics: &Metrics, answer: &Result<DeviceCodes, RequestDeviceCodeError>) {
    match answer {
        Err(RequestDeviceCodeError::Client(refused)) => client_refused(metrics, refused),
        Err(RequestDeviceCodeError::Limited(_)) => metrics.limited(LimitedAttempt::Client),
        Ok(_)
        | Err(
            RequestDeviceCodeError::Scope(_)
            | RequestDeviceCodeError::Details(_)
            | RequestDeviceCodeError::Unavailable(_),
        ) => {}
    }
}

pub fn exchange_device_code(metrics: &Metrics, answer: &Result<Tokens, DeviceGrantError>) {
    match answer {
        Ok(tokens) => metrics.minted(Grant::DeviceCode, tokens.access.algorithm),
        Err(DeviceGrantError::Client(refused)) => client_refused(metrics, refused),
        Err(DeviceGrantError::Limited(_)) => metrics.limited(LimitedAttempt::Client),
        Err(
            DeviceGrantError::Refused(_)
            | DeviceGrantError::Scope(_)
            | DeviceGrantError::Mint(_)
            | DeviceGrantError::Unavailable(_),
        ) => {}
    }
}

pub fn follower(metrics: &Metrics, answer: &Result<Follower, ClientRefused>) {
    if let Err(refused) = answer {
        client_refused(metrics, refused);
    }
}

fn refresh_succeeded(metrics: &Metrics, refreshed: &Refreshed) {
    metrics.minted(Grant::RefreshToken, refreshed.tokens.access.algorithm);
    metrics.anomaly(if refreshed.noticed {
        AnomalyDecision::Record
    } else {
        AnomalyDecision::None
    });
    metrics.refresh(match refreshed.how {
        Continued::Rotated => RefreshOutcome::Rotated,
        Continued::Kept => RefreshOutcome::Kept,
        Continued::Repeated => RefreshOutcome::Repeated,
        Continued::Recovered => RefreshOutcome::Recovered,
    });
}

fn refresh_outcome(metrics: &Metrics, error: &RefreshError) -> RefreshOutcome {
    match error {
        RefreshError::Refused(_) => RefreshOutcome::Refused,
        RefreshError::Reused => RefreshOutcome::Reused,
        RefreshError::StepUpRequired => {
            metrics.anomaly(AnomalyDecision::StepUp);
            RefreshOutcome::StepUp
        }
        RefreshError::EndedAsAnomalous => {
            metrics.anomaly(AnomalyDecision::End);
            RefreshOutcome::Anomalous
        }
        RefreshError::Scope(_) | RefreshError::Details(_) => RefreshOutcome::Invalid,
        RefreshError::Limited(_) => {
            metrics.limited(LimitedAttempt::Refresh);
            RefreshOutcome::Limited
        }
        RefreshError::Mint(_) | RefreshError::Unavailable(_) => RefreshOutcome::Failed,
    }
}

fn client_refused(metrics: &Metrics, refused: &ClientRefused) {
    metrics.client_auth_failure(match refused {
        ClientRefused::Unknown => ClientAuthFailure::Unknown,
        ClientRefused::WrongSecret => ClientAuthFailure::WrongSecret,
        ClientRefused::WrongMethod(_) => ClientAuthFailure::WrongMethod,
        ClientRefused::Assertion(_) => ClientAuthFailure::Assertion,
        ClientRefused::Certificate(_) => ClientAuthFailure::Certificate,
        ClientRefused::CertificateMissing => ClientAuthFailure::CertificateMissing,
        ClientRefused::KeyNotProved | ClientRefused::ProofAlgorithm(_) => {
            ClientAuthFailure::KeyNotProved
        }
        ClientRefused::GrantNotAllowed => ClientAuthFailure::GrantNotAllowed,
        ClientRefused::Limited(_) => {
            metrics.limited(LimitedAttempt::Client);
            ClientAuthFailure::Limited
        }
        ClientRefused::Unavailable(_) => return,
    });
}

/// Counts a refusal by a limit, whatever the use case, and hands the answer on in its wire form.
pub fn limited<T>(
    metrics: &Metrics,
    attempt: LimitedAttempt,
    answer: Result<T, impl Into<Problem>>,
) -> Result<T, Problem> {
    answer.map_err(Into::into).inspect_err(|problem| {
        if problem.reason() == Reason::TooManyAttempts {
            metrics.limited(attempt);
        }
    })
}
