use axum::response::IntoResponse;
use http::header::RETRY_AFTER;
use keywright_domain::session::rotation::Refused;

use super::*;

const LIMITED: Limited = Limited {
    retry_after: Period::secs(30),
};

fn down() -> Unavailable {
    Unavailable::new(
        "store",
        "password authentication failed for user `keywright`",
    )
}

#[test]
fn each_refusal_has_its_reason() {
    let table: Vec<(Problem, Reason)> = vec![
        (LogInError::Refused.into(), Reason::LoginRefused),
        (RegisterError::Closed.into(), Reason::RegistrationClosed),
        (
            RegisterError::WeakPassword(WeakPassword::TooShort).into(),
            Reason::WeakPassword,
        ),
        (
            RefreshError::Refused(Refused::UserDisabled).into(),
            Reason::InvalidRefreshToken,
        ),
        (RefreshError::Reused.into(), Reason::RefreshTokenReused),
        (RefreshError::StepUpRequired.into(), Reason::StepUpRequired),
        (
            RefreshError::EndedAsAnomalous.into(),
            Reason::StepUpRequired,
        ),
        (CallError::SessionOver.into(), Reason::SessionOver),
        (CallError::UnknownSession.into(), Reason::NotFound),
        (LogOutError::Forged.into(), Reason::InvalidRefreshToken),
        (
            ChangePasswordError::WrongPassword.into(),
            Reason::WrongPassword,
        ),
        (ScopeRefused::NoApi.into(), Reason::InvalidTarget),
        (ScopeRefused::NothingGranted.into(), Reason::InvalidScope),
        (LinkRefused.into(), Reason::InvalidLink),
        (ManageUserError::EmailTaken.into(), Reason::Taken),
        (ClientError::Taken.into(), Reason::Taken),
        (ClientError::NoSecret.into(), Reason::Conflict),
        (
            LogInError::Mint(vault_is_silent()).into(),
            Reason::Unavailable,
        ),
        (
            CustodyError::Unavailable(String::new()).into(),
            Reason::Unavailable,
        ),
        (AccessError::Lifetime.into(), Reason::InvalidField),
        (KeyError::Raced.into(), Reason::Conflict),
    ];
    for (problem, reason) in table {
        assert_eq!(problem.reason(), reason);
    }
}

#[test]
fn every_refused_refresh_looks_the_same() {
    let told = |refused| format!("{:?}", Problem::from(RefreshError::Refused(refused)));
    for refused in [
        Refused::Unknown,
        Refused::Ended,
        Refused::OtherClient,
        Refused::UserDisabled,
    ] {
        assert_eq!(told(refused), told(Refused::Forged));
    }
}

#[test]
fn limits_and_outages_say_when_to_come_back() {
    let problems: [Problem; 6] = [
        LogInError::Limited(LIMITED).into(),
        LogInError::Passwords(PasswordsError::Overloaded).into(),
        LogInError::Unavailable(down()).into(),
        RefreshError::Unavailable(down()).into(),
        AccessError::Tick(TickError::Unavailable(down())).into(),
        VerifyEmailError::Limited(LIMITED).into(),
    ];
    for problem in problems {
        let response = problem.into_response();
        assert!([429, 503].contains(&response.status().as_u16()));
        assert!(response.headers().contains_key(RETRY_AFTER));
    }
}

#[test]
fn what_failed_inside_is_not_told() {
    let told = format!("{:?}", Problem::from(LogInError::Unavailable(down())));
    assert!(
        !told.contains("keywright`") && !told.contains("store"),
        "{told}"
    );
}

fn vault_is_silent() -> MintError {
    SignError::Unavailable(String::new()).into()
}
