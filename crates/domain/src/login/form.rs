//! Whether a form was sent from a page of ours in this very browser.
//!
//! A cookie goes along with whatever makes a browser send a request, so no cookie proves that the person meant it. Each page of ours
//! carries a token that is made from a random cookie of its own, the *visit*, which nobody but this browser has and no script
//! can read. It is there before anybody logs in, so that nobody is logged in to somebody else's account behind their back
//! either (login CSRF, RFC 9700 §4.7). Nothing of it is stored.

use std::fmt;

use crate::Issuer;
use crate::secret::PlainSecret;

const VISIT_BYTES: usize = 32;

/// What a page's form carries. Shown to its owner's browser only, so it is no secret of the server; it is not logged all the same.
#[derive(Clone, PartialEq, Eq)]
pub struct FormToken(String);

impl Issuer {
    /// The cookie of a browser that has none yet.
    pub fn new_visit(&self) -> PlainSecret {
        let random = self.random::<VISIT_BYTES>();
        PlainSecret::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(random))
    }

    /// The token of every form that this browser is shown.
    pub fn form_token(&self, visit: &PlainSecret) -> FormToken {
        let mac = self
            .secrets
            .browser
            .mac(&[b"form", visit.expose().as_bytes()]);
        FormToken(base64_simd::URL_SAFE_NO_PAD.encode_to_string(mac))
    }
}

impl FormToken {
    /// For the page. Whoever calls this must not log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compares in constant time.
    pub fn matches(&self, presented: &str) -> bool {
        let (own, presented) = (self.0.as_bytes(), presented.as_bytes());
        aws_lc_rs::constant_time::verify_slices_are_equal(own, presented).is_ok()
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(…)")
    }
}
