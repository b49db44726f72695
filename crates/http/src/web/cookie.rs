//! The two cookies. `__Host-` keeps neighbouring subdomains from planting them; `Lax` lets them come along when a client sends the
//! person here, and with no request that another site makes a browser send on its own. Browsers take loopback addresses for
//! secure, so a quickstart over plain HTTP has them too.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use keywright_domain::login::Login;
use keywright_domain::secret::PlainSecret;
use keywright_domain::{Period, Time};

/// Who is logged in.
pub const LOGIN: &str = "__Host-keywright";
/// What the tokens of forms are made from; a browser has it before anybody logs in.
pub const VISIT: &str = "__Host-keywright-visit";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The first cookie of that name (RFC 6265 §5.4).
pub fn value(headers: &HeaderMap, name: &str) -> Option<PlainSecret> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| PlainSecret::new(value))
}

/// Kept until the login expires, however often the browser is closed.
pub fn set_login(headers: &mut HeaderMap, login: &Login, value: &PlainSecret, now: Time) {
    let age = login.expires_at.since(now);
    append(headers, LOGIN, value.expose(), Some(age));
}

pub fn forget_login(headers: &mut HeaderMap) {
    append(headers, LOGIN, "", Some(Period::ZERO));
}

/// Kept until the browser is closed.
pub fn set_visit(headers: &mut HeaderMap, value: &PlainSecret) {
    append(headers, VISIT, value.expose(), None);
}

fn append(headers: &mut HeaderMap, name: &str, value: &str, age: Option<Period>) {
    let age = age.map_or_else(String::new, |age| format!("; Max-Age={}", age.as_secs()));
    // Base64url and our own words.
    if let Ok(mut cookie) = HeaderValue::try_from(format!("{name}={value}; {ATTRIBUTES}{age}")) {
        cookie.set_sensitive(true);
        headers.append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str]) -> Option<String> {
        let lines = lines.iter().map(|line| (COOKIE, line.parse().unwrap()));
        let headers = lines.fold(HeaderMap::new(), |mut headers, (name, line)| {
            headers.append(name, line);
            headers
        });
        value(&headers, LOGIN).map(|value| value.expose().to_owned())
    }

    #[test]
    fn cookie_is_found_by_its_whole_name_wherever_it_stands() {
        let found = Some("a=b".to_owned());
        assert_eq!(read(&["__Host-keywright=a=b"]), found);
        assert_eq!(read(&["x=1; __Host-keywright=a=b; y=2"]), found);
        // HTTP/2 may send each in a line of its own (RFC 9113 §8.2.3).
        assert_eq!(read(&["x=1", "__Host-keywright=a=b"]), found);
        for other in [
            &[][..],
            &["x=__Host-keywright=1"],
            &["keywright=1"],
            &["__Host-keywright-visit=1"],
            &["__host-keywright=1"],
            &["__Host-keywright"],
        ] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn cookies_are_out_of_reach_of_scripts_other_sites_and_plain_http() {
        let mut headers = HeaderMap::new();
        set_visit(&mut headers, &PlainSecret::new("v"));
        forget_login(&mut headers);
        let set: Vec<_> = headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(
            set,
            [
                "__Host-keywright-visit=v; Path=/; Secure; HttpOnly; SameSite=Lax",
                "__Host-keywright=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
            ]
        );
        assert!(set.iter().all(|value| value.is_sensitive()));
    }
}
