//! The identity API: what an application does for the people who use it.

mod consents;
mod email;
mod login;
mod logout;
mod me;
mod password;
mod profile;
mod refresh;
mod register;
mod sessions;

pub use consents::{OwnConsents, list_own_consents, withdraw_consent};
pub use email::{ResendRequest, VerifyEmailRequest, resend_verification, verify_email};
pub use login::{LogInRequest, log_in};
pub use logout::{LogOutRequest, log_out};
pub use me::{Me, show_me};
pub use password::{
    ChangePasswordRequest, ForgotPasswordRequest, ResetPasswordRequest, change_password,
    forgot_password, reset_password,
};
pub use profile::set_own_profile;
pub use refresh::{RefreshRequest, refresh_tokens};
pub use register::{Accepted, RegisterRequest, register_account};
pub use sessions::{
    EndedBody, OwnSessions, end_own_session, list_own_sessions, log_out_everywhere,
};
