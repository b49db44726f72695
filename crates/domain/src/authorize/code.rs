//! The authorization code: for a minute, as good as the login that it stands for. The rule of what becomes of one that is presented.

use aws_lc_rs::{constant_time, digest};
use serde::{Deserialize, Serialize};

use crate::access::{Audience, AuthorizationDetails, ScopeSet};
use crate::client::ClientId;
use crate::keys::MacKey;
use crate::one_time::OneTime;
use crate::openid::ClaimsRequest;
use crate::secret::PlainSecret;
use crate::{LoginId, Period, SessionId, Time, UserId};

const CODE: OneTime<'static> = OneTime {
    prefix: "kwc_",
    purpose: &[b"code"],
};

/// RFC 6749 §4.1.2 allows ten minutes and FAPI 2.0 §5.3.2.1 one; clients need a second.
pub(super) const LIFETIME: Period = Period::secs(60);

/// 128 random bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CodeId(pub [u8; 16]);

/// All that the token endpoint must know of the request and of the login that granted it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    #[serde(skip)]
    pub id: CodeId,
    pub client: ClientId,
    /// As the request spelled it.
    pub redirect_uri: String,
    pub user: UserId,
    /// The account's when the code was issued: a password that is changed before the code is spent makes it worthless.
    pub epoch: i64,
    pub login: LoginId,
    pub audience: Audience,
    pub scope: ScopeSet,
    pub openid: ScopeSet,
    /// Absent from a code of an older release.
    #[serde(default)]
    pub details: AuthorizationDetails,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    pub dpop_jkt: Option<String>,
    pub authenticated_at: Time,
    pub amr: Vec<String>,
    pub acr_values: Vec<String>,
    pub claims: ClaimsRequest,
    pub issued_at: Time,
    pub expires_at: Time,
}

/// A code at rest. A spent one is kept for a while, to be recognised when it comes again.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredCode {
    pub code: AuthorizationCode,
    pub is_spent: bool,
    /// What it opened. A code that was burnt opened nothing.
    pub session: Option<SessionId>,
}

/// A code with what came along.
#[derive(Clone, Debug)]
pub struct PresentedCode {
    /// Who has proved to be this client, or is a public one that named itself.
    pub client: ClientId,
    pub redirect_uri: Option<String>,
    pub verifier: Option<PlainSecret>,
    /// The API that the token is wanted for.
    pub audience: Option<Audience>,
    /// The thumbprint of the key whose possession the request proved (RFC 9449).
    pub proof_key: Option<String>,
}

/// The answer to one presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Open the session, in the transaction that spends the code.
    Open,
    /// The client is right and what came with the code is not: somebody may have put a stolen code into its hands. Spend it for nothing.
    Burn(CodeRefused),
    /// It was spent before: end what it opened (RFC 6749 §4.1.2).
    Reused(Option<SessionId>),
    /// It does not count; the code is left as it is.
    Refuse(CodeRefused),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CodeRefused {
    #[error("no such code")]
    Unknown,
    #[error("the code belongs to another client")]
    OtherClient,
    #[error("the code has expired")]
    Expired,
    #[error("the redirect_uri is another than that of the request")]
    RedirectUri,
    #[error("the code_verifier is missing or wrong")]
    Verifier,
    #[error("a code_verifier came with a code that was asked for without a challenge")]
    Downgrade,
    #[error("the code is bound to a key, and possession of that key was not proved")]
    ProofKey,
    #[error("the code is for another API")]
    Target,
    #[error("the login that granted it is over, or the account has changed")]
    LoginOver,
}

impl CodeId {
    pub(crate) fn token(&self, key: &MacKey) -> PlainSecret {
        CODE.token(&self.0, key)
    }

    pub(crate) fn from_token(token: &PlainSecret, key: &MacKey) -> Option<Self> {
        CODE.id_of(token, key).map(Self)
    }
}

/// Decides on one presentation, given the code as stored. The order of the checks is part of the rule: who is not its client
/// neither learns nor changes anything, and a code that was spent is reused however old it is.
pub fn decide(stored: &StoredCode, presented: &PresentedCode, now: Time) -> Verdict {
    let code = &stored.code;
    if code.client != presented.client {
        return Verdict::Refuse(CodeRefused::OtherClient);
    }
    if stored.is_spent {
        return Verdict::Reused(stored.session);
    }
    if now >= code.expires_at {
        return Verdict::Refuse(CodeRefused::Expired);
    }
    let target = presented.audience.as_ref();
    if target.is_some_and(|target| *target != code.audience) {
        return Verdict::Refuse(CodeRefused::Target);
    }
    match mismatch(code, presented) {
        Some(mismatch) => Verdict::Burn(mismatch),
        None => Verdict::Open,
    }
}

fn mismatch(code: &AuthorizationCode, presented: &PresentedCode) -> Option<CodeRefused> {
    let is_same_place = match &presented.redirect_uri {
        Some(uri) => *uri == code.redirect_uri,
        // The verifier proves more than the address does, and OAuth 2.1 clients send that alone.
        None => code.code_challenge.is_some(),
    };
    if !is_same_place {
        return Some(CodeRefused::RedirectUri);
    }
    match (&code.code_challenge, &presented.verifier) {
        (Some(challenge), Some(verifier)) if is_proved(challenge, verifier) => {}
        (Some(_), _) => return Some(CodeRefused::Verifier),
        // Somebody took the challenge out of the request on its way (RFC 9700 §4.8.2).
        (None, Some(_)) => return Some(CodeRefused::Downgrade),
        (None, None) => {}
    }
    let is_bound = code.dpop_jkt.is_some();
    (is_bound && code.dpop_jkt != presented.proof_key).then_some(CodeRefused::ProofKey)
}

/// RFC 7636 §4.1 and §4.6.
fn is_proved(challenge: &str, verifier: &PlainSecret) -> bool {
    let verifier = verifier.expose().as_bytes();
    let unreserved = |b: &u8| b.is_ascii_alphanumeric() || b"-._~".contains(b);
    if !(43..=128).contains(&verifier.len()) || !verifier.iter().all(unreserved) {
        return false;
    }
    let hash = digest::digest(&digest::SHA256, verifier);
    let made = base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash.as_ref());
    constant_time::verify_slices_are_equal(made.as_bytes(), challenge.as_bytes()).is_ok()
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
