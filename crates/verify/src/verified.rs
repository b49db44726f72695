use std::sync::Arc;

use keywright_jwt::{ClaimIndex, Claims, ClaimsError, Compact};

use crate::Refusal;
use crate::cache::Kept;

/// Where a payload is decoded. Kept between calls of [`crate::Verifier::verify_in`], it makes them free of allocation.
#[derive(Debug, Default)]
pub struct Scratch {
    payload: String,
    index: ClaimIndex,
}

impl Scratch {
    pub(crate) fn read(&mut self, compact: &Compact<'_>) -> Result<(), Refusal> {
        let mut bytes = std::mem::take(&mut self.payload).into_bytes();
        bytes.clear();
        compact.decode_payload(&mut bytes)?;
        self.payload = String::from_utf8(bytes).map_err(|_| ClaimsError::NotUtf8)?;
        Ok(self.index.read_again(&mut self.payload)?)
    }

    pub(crate) fn claims(&self) -> Claims<'_> {
        self.index.claims(&self.payload)
    }

    /// Bytes held beyond the value itself.
    pub(crate) fn capacity(&self) -> usize {
        self.payload.capacity()
    }
}

/// A token that passed every check, with its claims.
#[derive(Debug)]
pub struct Verified {
    held: Held,
}

#[derive(Debug)]
enum Held {
    Own(Box<Scratch>),
    Kept(Arc<Kept>),
}

impl Verified {
    pub(crate) fn new(scratch: Scratch) -> Self {
        Self {
            held: Held::Own(Box::new(scratch)),
        }
    }

    pub(crate) fn kept(kept: Arc<Kept>) -> Self {
        Self {
            held: Held::Kept(kept),
        }
    }

    /// All claims, typed where they are registered.
    pub fn claims(&self) -> Claims<'_> {
        match &self.held {
            Held::Own(scratch) => scratch.claims(),
            Held::Kept(kept) => kept.claims(),
        }
    }

    /// Whom the token is about.
    pub fn sub(&self) -> Option<&str> {
        self.claims().sub()
    }

    /// The client it was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.claims().client_id()
    }

    /// The session it belongs to.
    pub fn sid(&self) -> Option<&str> {
        self.claims().sid()
    }

    /// The token's own name.
    pub fn jti(&self) -> Option<&str> {
        self.claims().jti()
    }

    /// Dead from this second on (Unix time).
    pub fn exp(&self) -> Option<i64> {
        self.claims().exp()
    }

    /// Granted scopes.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.claims().scopes()
    }

    /// Whether exactly this scope was granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.claims().has_scope(scope)
    }

    /// Whether the subject has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.claims().roles().contains(role)
    }

    /// Refuses with `insufficient_scope` unless this scope was granted.
    pub fn require_scope(&self, scope: &str) -> Result<(), Refusal> {
        if self.has_scope(scope) {
            Ok(())
        } else {
            Err(Refusal::InsufficientScope {
                required: scope.to_owned(),
            })
        }
    }

    /// Refuses unless the subject has this role.
    pub fn require_role(&self, role: &str) -> Result<(), Refusal> {
        if self.has_role(role) {
            Ok(())
        } else {
            Err(Refusal::InsufficientRole {
                required: role.to_owned(),
            })
        }
    }

    /// All claims as a type of the caller's, such as a struct with the deployment's own claims.
    pub fn deserialize<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        self.claims().deserialize()
    }
}
