//! What a trusted issuer's token has to be, and of whom it speaks.

use keywright_jwt::Claims;
use serde_json::{Map, Value};

use crate::account::{LoginName, User};
use crate::client::{
    AssertionRefused, ClientId, KeysUnknown, LEEWAY, PublishedKeys, Signed, SignedRefused,
    check_life, name_of, signed_by_secret,
};
use crate::secret::PlainSecret;
use crate::trust::{NamedBy, Naming, TrustedIssuer, TrustedKeys};
use crate::{Issuer, IssuerUrl, Time, Unavailable};

/// What a token is presented as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PresentedAs {
    /// One that the other issuer made for its own APIs, while it lives.
    Token,
    /// One that it made for this issuer, for this once (RFC 7523 §3).
    Assertion,
}

#[derive(Debug, thiserror::Error)]
pub enum TrustRefused {
    #[error("no issuer that is trusted here made it")]
    UnknownIssuer,
    #[error("the client may not bring tokens of that issuer")]
    Client,
    #[error(transparent)]
    Signed(#[from] SignedRefused),
    #[error("it is a JWT of another type")]
    Type,
    #[error("`aud` is not what is expected of that issuer")]
    Audience,
    #[error("`exp` is missing or over")]
    Expired,
    #[error("it is not valid yet")]
    Early,
    #[error(transparent)]
    Assertion(#[from] AssertionRefused),
    #[error("the claim that names the person is missing or no name")]
    Unnamed,
    #[error("there is no such account, or it may not log in")]
    NoAccount,
}

impl TrustRefused {
    /// One word for the audit log: what the token says is its maker's.
    pub const fn as_str(&self) -> &'static str {
        match self {
            TrustRefused::UnknownIssuer => "issuer",
            TrustRefused::Client => "client",
            TrustRefused::Signed(_) => "signature",
            TrustRefused::Type => "type",
            TrustRefused::Audience => "audience",
            TrustRefused::Expired => "expired",
            TrustRefused::Early => "early",
            TrustRefused::Assertion(_) => "assertion",
            TrustRefused::Unnamed => "unnamed",
            TrustRefused::NoAccount => "account",
        }
    }
}

/// A person that a trusted issuer vouches for.
pub(crate) struct Vouched {
    pub user: User,
    /// When they logged in there, as far as is known.
    pub authenticated_at: Time,
    /// The name of an assertion that must not be used again, and until when.
    pub once: Option<([u8; 16], Time)>,
}

impl Issuer {
    /// Whose word the token claims to be. Nothing of it is proved.
    pub(crate) fn claimed_issuer(&self, token: &PlainSecret) -> Option<TrustedIssuer> {
        let told = keywright_jwt::decode_unverified(token.expose()).ok()?;
        let issuer = told.claims.get("iss")?.as_str()?.to_owned();
        let policy = self.policy();
        let mut trusted = policy.trusted_issuers.iter();
        trusted.find(|trusted| trusted.issuer == issuer).cloned()
    }

    /// Checks the token, and finds whom it speaks of.
    pub(crate) async fn vouched(
        &self,
        trusted: &TrustedIssuer,
        client: &ClientId,
        (token, presented_as): (&PlainSecret, PresentedAs),
    ) -> Result<Result<Vouched, TrustRefused>, Unavailable> {
        if !trusted.clients.contains(client) {
            return Ok(Err(TrustRefused::Client));
        }
        let signed = match self.signed_by_trusted(trusted, token.expose()).await {
            Ok(signed) => signed,
            // Nothing is wrong with the token as far as is known: the client comes again.
            Err(SignedRefused::Keys(KeysUnknown::Unreachable(error))) => return Err(error),
            Err(SignedRefused::Keys(error @ KeysUnknown::FailedBefore)) => {
                return Err(Unavailable::new("trusted issuer", error));
            }
            Err(refused) => return Ok(Err(refused.into())),
        };
        let policy = self.policy();
        let expected = Expected {
            trusted,
            us: &policy.issuer,
            now: self.now(),
        };
        let said = match expected.check(&signed, presented_as) {
            Ok(said) => said,
            Err(refused) => return Ok(Err(refused)),
        };
        let found = self.account_named(&said.name).await?;
        let verified_email_required = policy.accounts.verified_email_required;
        let may = |user: &User| {
            let proved = user.email_verified
                || (trusted.naming.by != NamedBy::Email && !verified_email_required);
            user.is_active() && proved
        };
        Ok(match found.filter(may) {
            Some(user) => Ok(Vouched {
                user,
                authenticated_at: said.authenticated_at,
                once: said.once,
            }),
            None => Err(TrustRefused::NoAccount),
        })
    }

    async fn signed_by_trusted(
        &self,
        trusted: &TrustedIssuer,
        jws: &str,
    ) -> Result<Signed, SignedRefused> {
        let (algorithm, published) = match &trusted.keys {
            TrustedKeys::Secret(key) => return signed_by_secret(key, jws),
            TrustedKeys::Set(algorithm, keys) => (algorithm, PublishedKeys::Here(keys.clone())),
            TrustedKeys::Published(algorithm, uri) => (algorithm, PublishedKeys::At(uri)),
        };
        let may = |own| own == *algorithm;
        self.signed_with(&published, &may, jws).await
    }

    async fn account_named(&self, name: &AccountName) -> Result<Option<User>, Unavailable> {
        let store = &self.outside.store;
        match name {
            AccountName::Id(id) => store.by_id(*id).await,
            AccountName::Login(name) => store.by_login(name).await,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum AccountName {
    Id(crate::UserId),
    Login(LoginName),
}

/// What a token says that is as expected.
struct Said {
    name: AccountName,
    authenticated_at: Time,
    once: Option<([u8; 16], Time)>,
}

struct Expected<'a> {
    trusted: &'a TrustedIssuer,
    us: &'a IssuerUrl,
    now: Time,
}

impl Expected<'_> {
    fn check(&self, signed: &Signed, presented_as: PresentedAs) -> Result<Said, TrustRefused> {
        let claims = signed.claims();
        if claims.iss() != Some(self.trusted.issuer.as_str()) {
            return Err(TrustRefused::UnknownIssuer);
        }
        if !is_type(signed.typ.as_deref(), presented_as) {
            return Err(TrustRefused::Type);
        }
        let once = match presented_as {
            PresentedAs::Token => {
                self.check_audience(&claims)?;
                self.check_times(&claims)?;
                None
            }
            PresentedAs::Assertion => {
                if !self.is_for_us(&claims) {
                    return Err(TrustRefused::Audience);
                }
                let until = check_life(&claims, self.now)?;
                // No client's id has a space: the names that clients give stay apart.
                let maker = format!("issuer {}", self.trusted.issuer);
                Some((name_of(&maker, claims.jti().unwrap_or_default()), until))
            }
        };
        Ok(Said {
            name: named(&claims, &self.trusted.naming)?,
            authenticated_at: self.authenticated_at(&claims),
            once,
        })
    }

    fn check_audience(&self, claims: &Claims<'_>) -> Result<(), TrustRefused> {
        let is_expected = match &self.trusted.audience {
            Some(audience) => claims.aud().contains(audience),
            None => claims.aud().next().is_none(),
        };
        is_expected.then_some(()).ok_or(TrustRefused::Audience)
    }

    /// Every name must be ours: what somebody else accepts as well could be passed on by them.
    fn is_for_us(&self, claims: &Claims<'_>) -> bool {
        let endpoint = self.us.join("/oauth2/token");
        let mut names = claims.aud().peekable();
        names.peek().is_some() && names.all(|name| name == self.us.as_str() || name == endpoint)
    }

    fn check_times(&self, claims: &Claims<'_>) -> Result<(), TrustRefused> {
        let is_later = |at: Option<i64>| at.is_some_and(|at| at > (self.now + LEEWAY).secs());
        if is_later(claims.nbf()) || is_later(claims.iat()) {
            return Err(TrustRefused::Early);
        }
        match claims.exp() {
            Some(exp) if self.now.secs() < exp => Ok(()),
            Some(_) | None => Err(TrustRefused::Expired),
        }
    }

    /// Never in the future: `max_age` of later requests counts from here.
    fn authenticated_at(&self, claims: &Claims<'_>) -> Time {
        let told = claims.auth_time().or(claims.iat()).map(Time::from_secs);
        told.map_or(self.now, |at| at.min(self.now))
    }
}

/// Many systems give their tokens no type. One that says what else it is, a DPoP proof, a logout token, is no token of a person.
fn is_type(typ: Option<&str>, presented_as: PresentedAs) -> bool {
    typ.is_none_or(|typ| {
        let typ = typ.to_ascii_lowercase();
        let short = typ.strip_prefix("application/").unwrap_or(&typ);
        match presented_as {
            PresentedAs::Token => matches!(short, "jwt" | "at+jwt"),
            PresentedAs::Assertion => matches!(short, "jwt" | "authorization-grant+jwt"),
        }
    })
}

fn named(claims: &Claims<'_>, naming: &Naming) -> Result<AccountName, TrustRefused> {
    let all: Map<String, Value> = claims.deserialize().map_err(|_| TrustRefused::Unnamed)?;
    let name = all.get(&naming.claim).and_then(Value::as_str);
    let name = name
        .filter(|name| !name.is_empty())
        .ok_or(TrustRefused::Unnamed)?;
    match naming.by {
        NamedBy::Id => {
            let id = name.parse().map_err(|_| TrustRefused::Unnamed)?;
            Ok(AccountName::Id(id))
        }
        // A system that says nothing about it has proved its addresses or has not; one that says no has not.
        NamedBy::Email if all.get("email_verified").is_some_and(|told| told != true) => {
            Err(TrustRefused::Unnamed)
        }
        NamedBy::Email | NamedBy::Username => {
            let login = LoginName::new(name);
            let fits = match (&login, naming.by) {
                (LoginName::Email(_), by) => by == NamedBy::Email,
                (LoginName::Username(_), by) => by == NamedBy::Username,
            };
            fits.then_some(AccountName::Login(login))
                .ok_or(TrustRefused::Unnamed)
        }
    }
}

#[cfg(test)]
#[path = "vouch_tests.rs"]
mod tests;
