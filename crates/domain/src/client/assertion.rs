//! A JWT by which a client proves to be itself (RFC 7523 §3, OpenID Connect Core §9 `private_key_jwt` and `client_secret_jwt`).

use aws_lc_rs::digest;
use keywright_jwt::Claims;
use serde::Deserialize;

use crate::client::{
    AuthMethod, Client, ClientId, MalformedClientId, Signed, SignedRefused, signed_by_client_secret,
};
use crate::secret::PlainSecret;
use crate::{Issuer, IssuerUrl, Period, Time, Unavailable};

/// The one `client_assertion_type` there is.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// However long an assertion says that it lives, it is believed for this long: a copy found in a log is worth nothing.
const LONGEST: Period = Period::minutes(5);
/// FAPI 2.0 Security Profile §5.3.2.1: clocks that are up to ten seconds ahead are put up with.
pub(crate) const LEEWAY: Period = Period::secs(10);
const LONGEST_JTI: usize = 256;

#[derive(Debug, thiserror::Error)]
pub enum AssertionRefused {
    #[error(transparent)]
    Signed(#[from] SignedRefused),
    #[error("the client has no secret that it can sign with")]
    NoSecret,
    #[error("it is a JWT of another type")]
    Type,
    #[error("`iss` and `sub` are not both the client")]
    Subject,
    #[error("`aud` is not this issuer")]
    Audience,
    #[error("`exp` is missing or over, or the assertion was made more than five minutes ago")]
    Expired,
    #[error("it is not valid yet")]
    Early,
    #[error("`jti` is missing or too long")]
    NoName,
    #[error("it has been used before")]
    Used,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Whom an assertion speaks of, before anything of it is proved.
pub(crate) fn subject_of(assertion: &PlainSecret) -> Result<ClientId, MalformedClientId> {
    let told =
        keywright_jwt::decode_unverified(assertion.expose()).map_err(|_| MalformedClientId)?;
    let subject = told.claims.get("sub").and_then(|sub| sub.as_str());
    subject.ok_or(MalformedClientId)?.parse()
}

impl Issuer {
    /// Checks the assertion and uses it up, once for all nodes.
    pub(crate) async fn check_assertion(
        &self,
        client: &Client,
        assertion: &PlainSecret,
    ) -> Result<(), AssertionRefused> {
        let signed = self.read_assertion(client, assertion.expose()).await?;
        if !is_assertion_type(signed.typ.as_deref()) {
            return Err(AssertionRefused::Type);
        }
        let policy = self.policy();
        let until = Expected {
            client,
            issuer: &policy.issuer,
            mtls: policy.mtls_url.as_ref(),
            now: self.now(),
        }
        .check(&signed.claims())?;
        let name = name_of(
            client.id.as_str(),
            signed.claims().jti().unwrap_or_default(),
        );
        if self.outside.store.use_assertion(name, until).await? {
            Ok(())
        } else {
            Err(AssertionRefused::Used)
        }
    }
}

impl Issuer {
    /// The registration says with what kind of key the client signs, and its assertion has no say in it.
    async fn read_assertion(&self, client: &Client, jws: &str) -> Result<Signed, AssertionRefused> {
        if client.registration.token_endpoint_auth_method == Some(AuthMethod::ClientSecretJwt) {
            let secret = self.signing_secret(client);
            let secret = secret.ok_or(AssertionRefused::NoSecret)?;
            return Ok(signed_by_client_secret(&secret, jws)?);
        }
        Ok(self.signed_by(client, jws).await?)
    }
}

/// Another kind of JWT that the client signed, a DPoP proof or a request object, is no assertion.
fn is_assertion_type(typ: Option<&str>) -> bool {
    typ.is_none_or(|typ| {
        let typ = typ.to_ascii_lowercase();
        let short = typ.strip_prefix("application/").unwrap_or(&typ);
        matches!(short, "jwt" | "client-authentication+jwt")
    })
}

/// Where clients authenticate. Of an ordinary client, the address of any of these is taken for the issuer's name, as RFC 7523 §3
/// and RFC 9126 §2 have it.
const ENDPOINTS: [&str; 5] = [
    "/oauth2/token",
    "/oauth2/device_authorization",
    "/oauth2/par",
    "/oauth2/introspect",
    "/oauth2/revoke",
];

#[derive(Deserialize)]
struct Audience {
    aud: serde_json::Value,
}

struct Expected<'a> {
    client: &'a Client,
    issuer: &'a IssuerUrl,
    mtls: Option<&'a IssuerUrl>,
    now: Time,
}

impl Expected<'_> {
    /// Answers how long the assertion has to be remembered.
    fn check(&self, claims: &Claims<'_>) -> Result<Time, AssertionRefused> {
        let id = Some(self.client.id.as_str());
        if claims.iss() != id || claims.sub() != id {
            return Err(AssertionRefused::Subject);
        }
        let audience: Audience = claims
            .deserialize()
            .map_err(|_| AssertionRefused::Audience)?;
        if !self.is_for_us(&audience.aud) {
            return Err(AssertionRefused::Audience);
        }
        check_life(claims, self.now)
    }

    /// Every name in a list must be ours: an assertion that somebody else accepts as well could be passed on by them
    /// (CVE-2025-27371). FAPI 2.0 §5.3.2.1: the issuer alone, as one string.
    fn is_for_us(&self, audience: &serde_json::Value) -> bool {
        let is_ours =
            |name: &serde_json::Value| name.as_str().is_some_and(|name| self.is_our_name(name));
        match audience.as_array() {
            None => is_ours(audience),
            Some(_) if self.client.registration.fapi => false,
            Some(names) => !names.is_empty() && names.iter().all(is_ours),
        }
    }

    fn is_our_name(&self, name: &str) -> bool {
        if name == self.issuer.as_str() {
            return true;
        }
        let mut bases = std::iter::once(self.issuer).chain(self.mtls);
        let is_below = |base: &IssuerUrl| ENDPOINTS.iter().any(|path| base.join(path) == name);
        !self.client.registration.fapi && bases.any(is_below)
    }
}

/// That it was made a moment ago and lives for moments, and has a name. Answers how long that has to be remembered.
pub(crate) fn check_life(claims: &Claims<'_>, now: Time) -> Result<Time, AssertionRefused> {
    let until = check_times(claims, now)?;
    match claims.jti() {
        Some(jti) if !jti.is_empty() && jti.len() <= LONGEST_JTI => Ok(until),
        Some(_) | None => Err(AssertionRefused::NoName),
    }
}

fn check_times(claims: &Claims<'_>, now: Time) -> Result<Time, AssertionRefused> {
    let earliest = |at: Option<i64>| at.is_none_or(|at| at <= (now + LEEWAY).secs());
    if !earliest(claims.nbf()) || !earliest(claims.iat()) {
        return Err(AssertionRefused::Early);
    }
    let expires = claims.exp().ok_or(AssertionRefused::Expired)?;
    let longest = LONGEST.as_secs();
    let until = match claims.iat() {
        Some(made_at) => expires.min(made_at.saturating_add(longest)),
        // Without `iat`, nothing but `exp` says when it was made.
        None if expires > now.secs().saturating_add(longest) => {
            return Err(AssertionRefused::Expired);
        }
        None => expires,
    };
    if until <= now.secs() {
        return Err(AssertionRefused::Expired);
    }
    Ok(Time::from_secs(until) + LEEWAY)
}

/// RFC 7519 §4.1.7 makes `jti` unique per issuer, which here is the client. A name has no byte that could end it early. Half of a
/// hash is enough: whoever finds two assertions of one name locks out their own.
pub(crate) fn name_of(maker: &str, jti: &str) -> [u8; 16] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(maker.as_bytes());
    context.update(&[0]);
    context.update(jti.as_bytes());
    let half = context.finish().as_ref().first_chunk::<16>().copied();
    half.unwrap_or_default()
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
