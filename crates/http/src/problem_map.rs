//! The one map from the domain's errors to problem documents. No `_` arm: a new error does not compile before somebody has
//! decided what the outside is told.
//!
//! What a caller sees is constant, or speaks of what the caller sent. Private detail goes to the log, once, here.

use std::error::Error;
use std::fmt::Write;

use keywright_domain::access::{AccessError, ScopeRefused};
use keywright_domain::account::password::WeakPassword;
use keywright_domain::account::{
    ChangePasswordError, LinkRefused, LogInError, ManageUserError, RegisterError,
    RequestLetterError, ResetPasswordError, VerifyEmailError,
};
use keywright_domain::audit::BrokenChain;
use keywright_domain::authorize::{AuthorizeError, ConsentError};
use keywright_domain::client::dynamic::InitialAccessError;
use keywright_domain::client::{ClientError, ClientRefused};
use keywright_domain::fleet::ReportError;
use keywright_domain::keys::{KeyError, TickError};
use keywright_domain::ledger::RevokeTokensError;
use keywright_domain::limit::Limited;
use keywright_domain::logout::{LogoutError, LogoutRefused};
use keywright_domain::ports::{CustodyError, PasswordsError, SignError};
use keywright_domain::session::{CallError, LogOutError, RefreshError};
use keywright_domain::token::MintError;
use keywright_domain::{Period, Unavailable};

use crate::extract::bearer::session_over;
use crate::problem::Problem;
use crate::reason::Reason;

/// When to come back after an outage: long enough not to make it worse.
pub(crate) const SOON: Period = Period::secs(1);

/// Logs what failed here, with everything behind it. Domain errors carry no secret.
pub(crate) fn log_failure(error: &dyn Error) {
    let mut chain = error.to_string();
    let mut behind = error.source();
    while let Some(cause) = behind {
        // Transparent errors repeat themselves; writing to a String cannot fail.
        if !chain.ends_with(&cause.to_string()) {
            let _ = write!(chain, ": {cause}");
        }
        behind = cause.source();
    }
    tracing::error!(target: "http.request.failed", error = chain);
}

fn failed(reason: Reason, error: &dyn Error) -> Problem {
    log_failure(error);
    Problem::new(reason)
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        failed(Reason::Unavailable, &error).with_retry_after(SOON)
    }
}

impl From<Limited> for Problem {
    fn from(limited: Limited) -> Self {
        Problem::new(Reason::TooManyAttempts).with_retry_after(limited.retry_after)
    }
}

impl From<PasswordsError> for Problem {
    fn from(error: PasswordsError) -> Self {
        match error {
            PasswordsError::Overloaded => Problem::new(Reason::Overloaded).with_retry_after(SOON),
            PasswordsError::Failed => failed(Reason::Internal, &error),
        }
    }
}

impl From<MintError> for Problem {
    fn from(error: MintError) -> Self {
        match &error {
            // Until the successor of a key that was revoked in an emergency is known, or the vault is back.
            MintError::NoSigningKey(_) | MintError::Sign(SignError::Unavailable(_)) => {
                failed(Reason::Unavailable, &error).with_retry_after(SOON)
            }
            MintError::Fapi(_)
            | MintError::Claims(_)
            | MintError::Refused(_)
            | MintError::Sign(SignError::Refused(_)) => failed(Reason::Internal, &error),
        }
    }
}

impl From<TickError> for Problem {
    fn from(error: TickError) -> Self {
        match error {
            TickError::Unavailable(error) => error.into(),
            TickError::Custody(error) => error.into(),
        }
    }
}

impl From<CustodyError> for Problem {
    fn from(error: CustodyError) -> Self {
        match &error {
            CustodyError::Unavailable(_) => {
                failed(Reason::Unavailable, &error).with_retry_after(SOON)
            }
            CustodyError::WrongMasterKey { .. }
            | CustodyError::Elsewhere { .. }
            | CustodyError::Unsupported { .. }
            | CustodyError::BadKey { .. } => failed(Reason::Internal, &error),
        }
    }
}

/// A password that is not strong enough; `field` is what the request calls it.
pub(crate) fn weak_password(field: &'static str, weak: &WeakPassword) -> Problem {
    Problem::new(Reason::WeakPassword).with_field(field, weak)
}

impl From<LinkRefused> for Problem {
    fn from(LinkRefused: LinkRefused) -> Self {
        Problem::new(Reason::InvalidLink)
    }
}

impl From<ScopeRefused> for Problem {
    fn from(refused: ScopeRefused) -> Self {
        match &refused {
            ScopeRefused::UnknownApi(_) | ScopeRefused::NoApi | ScopeRefused::OtherApi => {
                Problem::new(Reason::InvalidTarget).with_field("audience", refused)
            }
            ScopeRefused::UnknownScope(_) | ScopeRefused::NothingGranted => {
                Problem::new(Reason::InvalidScope).with_field("scope", refused)
            }
        }
    }
}

impl From<ClientRefused> for Problem {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::Unknown
            | ClientRefused::WrongSecret
            | ClientRefused::WrongMethod(_)
            | ClientRefused::Assertion(_)
            | ClientRefused::Certificate(_)
            | ClientRefused::CertificateMissing
            | ClientRefused::KeyNotProved
            | ClientRefused::ProofAlgorithm(_)
            | ClientRefused::GrantNotAllowed => Problem::new(Reason::InvalidClient),
            ClientRefused::Limited(limited) => limited.into(),
            ClientRefused::Unavailable(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => Problem::new(Reason::RegistrationClosed),
            RegisterError::WeakPassword(weak) => weak_password("password", &weak),
            RegisterError::Limited(limited) => limited.into(),
            RegisterError::Passwords(error) => error.into(),
            RegisterError::Unavailable(error) => error.into(),
        }
    }
}

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::Refused => Problem::new(Reason::LoginRefused),
            LogInError::Limited(limited) => limited.into(),
            LogInError::Client(refused) => refused.into(),
            LogInError::Scope(refused) => refused.into(),
            LogInError::Passwords(error) => error.into(),
            LogInError::Mint(error) => error.into(),
            LogInError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            // Why exactly is for the owner of the session, who learns it by a letter, and for the audit log.
            RefreshError::Refused(_) => Problem::new(Reason::InvalidRefreshToken),
            RefreshError::Reused => Problem::new(Reason::RefreshTokenReused),
            RefreshError::StepUpRequired | RefreshError::EndedAsAnomalous => {
                Problem::new(Reason::StepUpRequired)
            }
            RefreshError::Scope(refused) => refused.into(),
            // The identity API takes none.
            RefreshError::Details(_) => Problem::new(Reason::MalformedRequest),
            RefreshError::Limited(limited) => limited.into(),
            RefreshError::Mint(error) => error.into(),
            RefreshError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::Unknown => Problem::new(Reason::NotFound),
            ConsentError::Unavailable(error) => error.into(),
        }
    }
}

impl From<AuthorizeError> for Problem {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::UnknownClient => Problem::new(Reason::InvalidClient),
            AuthorizeError::ClientDocument(error) => {
                // The word alone: the rest is what a stranger published.
                tracing::info!(target: "client.document.refused", reason = error.as_str());
                Problem::new(Reason::InvalidClient)
            }
            AuthorizeError::RedirectUri => Problem::new(Reason::InvalidRedirectUri),
            AuthorizeError::Expired => Problem::new(Reason::PageExpired),
            AuthorizeError::Limited(limited) => limited.into(),
            AuthorizeError::Failed { cause, .. } => cause.into(),
            AuthorizeError::Unavailable(error) => error.into(),
        }
    }
}

impl From<LogoutError> for Problem {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Refused(refused) => {
                let reason = match refused {
                    LogoutRefused::WayBack | LogoutRefused::NobodysWayBack => {
                        Reason::InvalidRedirectUri
                    }
                    LogoutRefused::UnknownClient => Reason::InvalidClient,
                    LogoutRefused::Repeated(_)
                    | LogoutRefused::Hint
                    | LogoutRefused::ClientContradicts => Reason::InvalidField,
                };
                Problem::new(reason).with_field(refused.parameter(), refused)
            }
            LogoutError::Expired => Problem::new(Reason::PageExpired),
            LogoutError::Limited(limited) => limited.into(),
            LogoutError::Unavailable(error) => error.into(),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::SessionOver => session_over(),
            CallError::UnknownSession => Problem::new(Reason::NotFound),
            CallError::ForeignClient => Problem::new(Reason::ClientNotAllowed),
            CallError::Unavailable(error) => error.into(),
        }
    }
}

impl From<LogOutError> for Problem {
    fn from(error: LogOutError) -> Self {
        match error {
            LogOutError::Forged => Problem::new(Reason::InvalidRefreshToken),
            LogOutError::Limited(limited) => limited.into(),
            LogOutError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => Problem::new(Reason::WrongPassword),
            ChangePasswordError::Raced => Problem::new(Reason::Conflict),
            ChangePasswordError::WeakPassword(weak) => weak_password("new_password", &weak),
            ChangePasswordError::Limited(limited) => limited.into(),
            ChangePasswordError::Passwords(error) => error.into(),
            ChangePasswordError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RequestLetterError> for Problem {
    fn from(error: RequestLetterError) -> Self {
        match error {
            RequestLetterError::Limited(limited) => limited.into(),
            RequestLetterError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Link(refused) => refused.into(),
            ResetPasswordError::WeakPassword(weak) => weak_password("new_password", &weak),
            ResetPasswordError::Limited(limited) => limited.into(),
            ResetPasswordError::Passwords(error) => error.into(),
            ResetPasswordError::Unavailable(error) => error.into(),
        }
    }
}

impl From<VerifyEmailError> for Problem {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            VerifyEmailError::Link(refused) => refused.into(),
            VerifyEmailError::Limited(limited) => limited.into(),
            VerifyEmailError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ManageUserError> for Problem {
    fn from(error: ManageUserError) -> Self {
        match error {
            ManageUserError::Unknown => unknown(&error),
            ManageUserError::EmailTaken => Problem::new(Reason::Taken).with_field("email", error),
            ManageUserError::UsernameTaken => {
                Problem::new(Reason::Taken).with_field("username", error)
            }
            ManageUserError::UnknownRole(_) => Problem::field("roles", error),
            ManageUserError::Raced => Problem::new(Reason::Conflict),
            ManageUserError::WeakPassword(weak) => weak_password("password", &weak),
            ManageUserError::Passwords(error) => error.into(),
            ManageUserError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Malformed(malformed) => Problem::field(malformed.field, malformed),
            ReportError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unknown => unknown(&error),
            ClientError::LooksLikeUser | ClientError::Address => Problem::field("client_id", error),
            ClientError::Taken => Problem::new(Reason::Taken).with_field("client_id", error),
            ClientError::UnknownApi(_)
            | ClientError::UnknownScope(..)
            | ClientError::FapiApi(..) => Problem::field("allowed", error),
            ClientError::PublicClientCredentials
            | ClientError::PublicFeed
            | ClientError::BoundLogin
            | ClientError::ConfidentialLogin => Problem::field("grants", error),
            ClientError::Registration(_) | ClientError::OtherSecret => {
                Problem::field("registration", error)
            }
            ClientError::Flow(refused) => Problem::field("registration", refused),
            ClientError::NoSecret => conflict(&error),
            ClientError::OpenId(_) | ClientError::Algorithm(_) => {
                Problem::field("registration", error)
            }
            ClientError::Unavailable(error) => error.into(),
        }
    }
}

impl From<InitialAccessError> for Problem {
    fn from(error: InitialAccessError) -> Self {
        match error {
            InitialAccessError::Uses => Problem::field("uses", error),
            InitialAccessError::Lifetime => Problem::field("expires_in", error),
            InitialAccessError::Unknown => unknown(&error),
            InitialAccessError::Unavailable(error) => error.into(),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::UnknownApi | AccessError::UnknownRole => unknown(&error),
            AccessError::Lifetime => Problem::field("access_lifetime", error),
            AccessError::Algorithm(_) => Problem::field("algorithm", error),
            AccessError::Claims(objections) => {
                objections
                    .iter()
                    .fold(Problem::new(Reason::InvalidField), |problem, objection| {
                        problem.with_field(format!("claims.{}", objection.member()), objection)
                    })
            }
            AccessError::Details(refused) => Problem::field("authorization_details_types", refused),
            AccessError::OwnApi => conflict(&error),
            AccessError::GrantOnUnknownApi(_) | AccessError::GrantOfUnknownScope(..) => {
                Problem::field("grants", error)
            }
            AccessError::Tick(error) => error.into(),
            AccessError::Unavailable(error) => error.into(),
        }
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unknown | KeyError::NoRing => unknown(&error),
            KeyError::AlreadyEnded(_)
            | KeyError::SuccessorUnknown { .. }
            | KeyError::Held(_)
            | KeyError::NothingToRollBackTo
            | KeyError::Raced => conflict(&error),
            KeyError::Tick(error) => error.into(),
        }
    }
}

impl From<RevokeTokensError> for Problem {
    fn from(error: RevokeTokensError) -> Self {
        match error {
            RevokeTokensError::NoCriterion => {
                Problem::new(Reason::InvalidField).with_detail(error.to_string())
            }
            RevokeTokensError::Unavailable(error) => error.into(),
        }
    }
}

/// What is wrong with the log is for the report; only a log that cannot be read is a failure of the request.
pub(crate) fn unreadable_log(error: BrokenChain) -> Result<String, Problem> {
    match error {
        BrokenChain::Unavailable(error) => Err(error.into()),
        BrokenChain::Gap { .. }
        | BrokenChain::Edited { .. }
        | BrokenChain::Cut { .. }
        | BrokenChain::ForgedHead { .. }
        | BrokenChain::NoHead { .. } => Ok(error.to_string()),
    }
}

/// Administrators are told what is not there.
fn unknown(error: &dyn Error) -> Problem {
    Problem::new(Reason::NotFound).with_detail(error.to_string())
}

/// The state of the resource does not allow it; administrators are told which state that is.
fn conflict(error: &dyn Error) -> Problem {
    Problem::new(Reason::Conflict).with_detail(error.to_string())
}

#[cfg(test)]
#[path = "problem_map_tests.rs"]
mod tests;
