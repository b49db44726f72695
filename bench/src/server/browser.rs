//! A person who logs in at the page and comes back to the client with a code (OpenID Connect Core §3.1): the one way to a token that
//! carries the scope `openid`.

use std::net::SocketAddr;

use anyhow::{Context, Result};

use super::load;
use super::subject::{REDIRECT_URI, User};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A code for the client, of a new login.
pub async fn code(address: SocketAddr, user: &User, client: &str) -> Result<String> {
    let page = load::exchange(address, &load::get("/login")).await?;
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"")?;
    let form = format!(
        "username={}&password={}&csrf={csrf}",
        user.username, user.password
    );
    let headers = format!("{}Sec-Fetch-Site: same-origin\r\n", cookies(&page));
    let kind = "application/x-www-form-urlencoded";
    let request = load::post("/login", kind, &headers, &form);
    let logged_in = load::exchange(address, &request).await?;
    let path = format!(
        "/oauth2/authorize?response_type=code&client_id={client}&redirect_uri={REDIRECT_URI}&scope=openid%20email&state=bench\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let request = load::get_with(&path, &cookies(&logged_in));
    let sent_back = load::exchange(address, &request).await?;
    let parameters = between(&sent_back, REDIRECT_URI, "\r\n")?;
    let code = parameters
        .split(['?', '&'])
        .find_map(|parameter| parameter.strip_prefix("code="));
    Ok(code
        .with_context(|| format!("no code: {sent_back}"))?
        .to_owned())
}

/// What the client sends to the token endpoint for a code.
pub fn form_of(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&redirect_uri={REDIRECT_URI}&code_verifier={VERIFIER}"
    )
}

/// A header with the cookies that an answer sets.
fn cookies(answer: &str) -> String {
    let set = answer.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_cookie = name.eq_ignore_ascii_case("set-cookie");
        is_cookie.then(|| value.split(';').next().unwrap_or_default())
    });
    format!("Cookie: {}\r\n", set.collect::<Vec<_>>().join("; "))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Result<&'a str> {
    let found = || Some(text.split_once(start)?.1.split_once(end)?.0);
    found().with_context(|| format!("no {start} in {text}"))
}
