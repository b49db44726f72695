//! A bounded pool that hashes passwords, so that a flood of logins is refused while everything else stays fast
//! (invariant 8). The work itself is [`crate::account::password`]; the pool runs it on threads of its own.

use std::future::Future;
use std::pin::Pin;

use crate::account::password::{PasswordCheck, PasswordHash};
use crate::secret::PlainSecret;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordsError {
    /// More are waiting than can be served in time.
    #[error("too many passwords wait to be hashed")]
    Overloaded,
    #[error("the password could not be hashed")]
    Failed,
}

type Hashed<'a, T> = Pin<Box<dyn Future<Output = Result<T, PasswordsError>> + Send + 'a>>;

pub trait Passwords: Send + Sync {
    /// A new hash with the current cost and a random salt.
    fn hash(&self, password: PlainSecret) -> Hashed<'_, PasswordHash>;
    /// `None` stands for an account that does not exist: the same work is done, and the answer is a mismatch.
    fn verify(
        &self,
        password: PlainSecret,
        hash: Option<PasswordHash>,
    ) -> Hashed<'_, PasswordCheck>;
}
