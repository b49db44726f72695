//! `login_hint`, `ui_locales`, `display`: for the page; none of them changes who may have what (OpenID Connect Core §3.1.2.1).

use super::Asked;
use crate::authorize::{AuthorizationRequest, Objection};

/// In bytes; no name, address or list of languages is longer.
const LONGEST: usize = 512;

pub fn check(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Result<(), Objection> {
    request.login_hint = hint(asked, "login_hint")?;
    request.ui_locales = hint(asked, "ui_locales")?;
    // A server that cannot show what is wanted shows what it can: an unknown one is no error.
    request.display = hint(asked, "display")?;
    Ok(())
}

fn hint(asked: &Asked<'_>, name: &str) -> Result<Option<String>, Objection> {
    match asked.parameters.value(name) {
        Some(text) if text.len() > LONGEST => Err(Objection::HintTooLong),
        text => Ok(text.map(str::to_owned)),
    }
}
