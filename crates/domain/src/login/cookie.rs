//! The cookie of a login: `kwb_` + base64url( login id · 32 random bytes ). The database keeps its SHA-256, so that who reads the
//! database can log in nowhere. The prefix lets secret scanners find leaked ones.

use crate::login::Login;
use crate::secret::PlainSecret;
use crate::{Issuer, LoginId, Period, Time, Unavailable};

const PREFIX: &str = "kwb_";
const SECRET_BYTES: usize = 32;
const BYTES: usize = 16 + SECRET_BYTES;

/// A login is seen to be in use at most this often: each time is a write.
const SEEN_EACH: Period = Period::hours(1);

impl Issuer {
    pub(super) fn new_cookie(&self, id: LoginId) -> PlainSecret {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(id.as_bytes());
        bytes[16..].copy_from_slice(&self.random::<SECRET_BYTES>());
        let text = base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
        PlainSecret::new(format!("{PREFIX}{text}"))
    }

    /// The login that a cookie stands for, if it lives and its user may act.
    pub async fn login_of_cookie(
        &self,
        cookie: &PlainSecret,
    ) -> Result<Option<Login>, Unavailable> {
        let Some(id) = login_id(cookie) else {
            return Ok(None);
        };
        let found = self.outside.store.login(id).await?;
        let now = self.now();
        let holds = |login: &Login| login.secret.matches(cookie) && login.is_live(now);
        let Some((mut login, user)) = found.filter(|(login, _)| holds(login)) else {
            return Ok(None);
        };
        if !user.is_active() {
            return Ok(None);
        }
        if let Some(until) = seen(&login, self.policy().logins.idle, now) {
            self.outside.store.keep_login(login.id, until).await?;
            login.idle_until = until;
        }
        Ok(Some(login))
    }
}

/// Until when a login lives that is used now; `None` if that was noted a moment ago.
fn seen(login: &Login, idle: Period, now: Time) -> Option<Time> {
    let until = (now + idle).min(login.expires_at);
    let noted = until.since(login.idle_until) < SEEN_EACH.min(idle / 2);
    (!noted).then_some(until)
}

/// Nothing but where to look: what is found there is compared with the whole cookie.
fn login_id(cookie: &PlainSecret) -> Option<LoginId> {
    let text = cookie.expose().strip_prefix(PREFIX)?;
    let mut bytes = [0; BYTES];
    if text.len() != base64_simd::URL_SAFE_NO_PAD.encoded_length(BYTES) {
        return None;
    }
    let out = base64_simd::Out::from_slice(&mut bytes);
    base64_simd::URL_SAFE_NO_PAD
        .decode(text.as_bytes(), out)
        .ok()?;
    let (id, _) = bytes.split_first_chunk()?;
    Some(LoginId::from_bytes(*id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_spelling_of_a_cookie_names_a_login() {
        let text = base64_simd::URL_SAFE_NO_PAD.encode_to_string([7; BYTES]);
        let cookie = |text: String| login_id(&PlainSecret::new(text));
        assert_eq!(
            cookie(format!("kwb_{text}")),
            Some(LoginId::from_bytes([7; 16]))
        );
        for wrong in [
            text.clone(),
            format!("kwr_{text}"),
            format!("kwb_{text}="),
            format!("kwb_{}", &text[..63]),
            format!("kwb_{}!", &text[..63]),
            String::new(),
        ] {
            assert_eq!(cookie(wrong.clone()), None, "{wrong}");
        }
    }
}
