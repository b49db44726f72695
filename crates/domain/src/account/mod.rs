//! People: registration, login, passwords, e-mail proofs, disabling. Sessions that a login opens are `session`'s.
//!
//! Nobody learns here whether an account exists (invariant 7): each public answer and the work behind it are the same for
//! a stranger and for a user.

mod change_password;
mod letter;
mod link;
mod login;
mod manage;
mod outbox;
pub mod password;
mod prove;
mod recover;
mod register;
mod request_letter;
mod user;
mod verify_email;

pub use change_password::{ChangePassword, ChangePasswordError};
pub use letter::{Letter, LetterKind, Mail};
pub use link::{Link, LinkId, LinkPurpose, LinkRefused};
pub use login::{LogIn, LogInError};
pub use manage::{ManageUserError, NewPassword, NewUser};
pub(crate) use prove::PresentedPassword;
pub use prove::ProofRefused;
pub use recover::{ResetPassword, ResetPasswordError};
pub use register::{Register, RegisterError, RegisterOutcomes};
pub use request_letter::RequestLetterError;
pub use user::{Email, LoginName, MalformedEmail, MalformedUsername, User, UserStatus, Username};
pub use verify_email::VerifyEmailError;
