use std::sync::Arc;

use keywright_jwt::{Algorithm, Claims};

use crate::{Clock, Knowledge, Refusal, Revocation, Status, WhenUnknown};

/// Which kind of token a verifier takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// An access token of RFC 9068: `typ` is `at+jwt`, and all of `iss`, `sub`, `aud`, `client_id`, `exp`, `iat`, `jti`
    /// are present.
    AccessToken,
    /// Any other JWT: exactly this `typ` (or none at all), with `iss`, `aud` and `exp`. For issuers that do not speak
    /// RFC 9068; tokens of different kinds are then told apart by audience alone.
    Jwt {
        /// The `typ` that the issuer writes; `None` for tokens without one.
        typ: Option<String>,
    },
}

/// What a verifier demands of a token whose signature is valid.
pub(crate) struct Policy {
    pub issuer: String,
    pub audiences: Vec<String>,
    pub profile: Profile,
    pub algorithms: Vec<Algorithm>,
    pub leeway: i64,
    pub max_token_bytes: usize,
    pub max_token_age: Option<i64>,
    pub max_login_age: Option<i64>,
    pub acr_values: Vec<String>,
    pub scopes: Vec<String>,
    pub roles: Vec<String>,
    pub accepts_unproven_binding: bool,
    pub revocation: Option<(Arc<dyn Revocation>, WhenUnknown)>,
    pub clock: Arc<dyn Clock>,
}

impl Policy {
    /// RFC 9068 §4 names two spellings of the type and tells us to reject all others.
    pub fn check_type(&self, typ: Option<&str>) -> Result<(), Refusal> {
        let right = match &self.profile {
            Profile::AccessToken => matches!(typ, Some("at+jwt" | "application/at+jwt")),
            Profile::Jwt { typ: expected } => typ == expected.as_deref(),
        };
        if right {
            Ok(())
        } else {
            Err(Refusal::WrongType)
        }
    }

    pub fn check_algorithm(&self, algorithm: Algorithm) -> Result<(), Refusal> {
        if self.algorithms.contains(&algorithm) {
            Ok(())
        } else {
            Err(Refusal::WrongAlgorithm)
        }
    }

    pub fn check_claims(&self, claims: &Claims<'_>) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.check_presence(claims)?;
        self.check_parties(claims)?;
        self.check_time(claims, now)?;
        self.check_login(claims, now)?;
        if claims.is_bound() && !self.accepts_unproven_binding {
            return Err(Refusal::ProofRequired);
        }
        self.check_status(claims, now)?;
        self.check_authority(claims)
    }

    /// What may have changed since [`Policy::check_claims`] passed: the time, and what is known about the token.
    pub fn check_again(&self, claims: &Claims<'_>) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.check_time(claims, now)?;
        self.check_login(claims, now)?;
        self.check_status(claims, now)
    }

    /// Tries to learn about tokens whose status is unknown; `true` if it is worth asking again.
    pub async fn refresh_status(&self) -> bool {
        match &self.revocation {
            Some((revocation, _)) => revocation.refresh().await,
            None => false,
        }
    }

    /// How current the knowledge of revocations is.
    pub fn knowledge(&self) -> Option<Knowledge> {
        let (revocation, _) = self.revocation.as_ref()?;
        revocation.knowledge(self.clock.now())
    }

    fn check_presence(&self, claims: &Claims<'_>) -> Result<(), Refusal> {
        let required = match self.profile {
            Profile::AccessToken => {
                if claims.iat().is_none() {
                    return Err(Refusal::MissingClaim("iat"));
                }
                &[
                    ("sub", claims.sub()),
                    ("client_id", claims.client_id()),
                    ("jti", claims.jti()),
                ][..]
            }
            Profile::Jwt { .. } => &[],
        };
        match required
            .iter()
            .find(|(_, value)| value.unwrap_or_default().is_empty())
        {
            Some((name, _)) => Err(Refusal::MissingClaim(name)),
            None => Ok(()),
        }
    }

    fn check_parties(&self, claims: &Claims<'_>) -> Result<(), Refusal> {
        // A security event says nothing about access, whatever its other claims (RFC 8417 §2.2).
        if claims.has_events() {
            return Err(Refusal::WrongType);
        }
        if claims.iss().ok_or(Refusal::MissingClaim("iss"))? != self.issuer {
            return Err(Refusal::WrongIssuer);
        }
        let mut audiences = claims.aud().peekable();
        if audiences.peek().is_none() {
            return Err(Refusal::MissingClaim("aud"));
        }
        // An empty list on either side matches nothing (CVE-2020-26160).
        if audiences.any(|audience| self.audiences.iter().any(|own| *own == audience)) {
            Ok(())
        } else {
            Err(Refusal::WrongAudience)
        }
    }

    fn check_time(&self, claims: &Claims<'_>, now: i64) -> Result<(), Refusal> {
        let (earliest, latest) = (now - self.leeway, now + self.leeway);
        // RFC 7519 §4.1.4: not to be accepted on or after `exp`.
        if claims.exp().ok_or(Refusal::MissingClaim("exp"))? <= earliest {
            return Err(Refusal::Expired);
        }
        if claims.nbf().is_some_and(|not_before| not_before > latest) {
            return Err(Refusal::NotYetValid);
        }
        if claims.iat().is_some_and(|issued_at| issued_at > latest) {
            return Err(Refusal::IssuedInFuture);
        }
        match self.max_token_age {
            Some(age) if claims.iat().ok_or(Refusal::MissingClaim("iat"))? < earliest - age => {
                Err(Refusal::TooOld)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_login(&self, claims: &Claims<'_>, now: i64) -> Result<(), Refusal> {
        let recent = |age: i64| {
            claims
                .auth_time()
                .is_some_and(|at| at >= now - age - self.leeway)
        };
        let strong = |acr: &str| self.acr_values.iter().any(|value| value == acr);
        if self.max_login_age.is_some_and(|age| !recent(age))
            || (!self.acr_values.is_empty() && !claims.acr().is_some_and(strong))
        {
            return Err(Refusal::InsufficientAuthentication);
        }
        Ok(())
    }

    fn check_status(&self, claims: &Claims<'_>, now: i64) -> Result<(), Refusal> {
        let Some((revocation, when_unknown)) = &self.revocation else {
            return Ok(());
        };
        match revocation.status(claims, now) {
            Status::Valid => Ok(()),
            Status::Invalid => Err(Refusal::Revoked),
            Status::Suspended => Err(Refusal::Suspended),
            Status::Stale => Err(Refusal::Stale),
            Status::Unknown => match when_unknown {
                WhenUnknown::FailOpen => Ok(()),
                WhenUnknown::FailClosed => Err(Refusal::StatusUnknown),
            },
        }
    }

    fn check_authority(&self, claims: &Claims<'_>) -> Result<(), Refusal> {
        if !self.scopes.iter().all(|scope| claims.has_scope(scope)) {
            return Err(Refusal::InsufficientScope {
                required: self.scopes.join(" "),
            });
        }
        match self
            .roles
            .iter()
            .find(|role| !claims.roles().contains(role))
        {
            Some(role) => Err(Refusal::InsufficientRole {
                required: role.clone(),
            }),
            None => Ok(()),
        }
    }
}
