//! By which name a client knows a person (OpenID Connect Core §8): the same in ID tokens, in userinfo and in access tokens.
//!
//! Access tokens included: a client can read them (RFC 9068 §6), and a pairwise name beside the public one would hide nothing. What
//! it costs is that an API sees one person under as many names as there are sectors; whoever registers a client as pairwise asks for it.

use std::borrow::Cow;

use crate::client::{Client, SubjectType};
use crate::keys::MacKey;
use crate::{Issuer, UserId};

impl Issuer {
    pub fn subject(&self, client: &Client, user: UserId) -> String {
        match client.registration.subject_type {
            SubjectType::Public => user.to_string(),
            SubjectType::Pairwise => {
                // Registration refuses several hosts. A client that changed under an older rule is a sector of its own.
                let own = || Cow::Borrowed(client.id.as_str());
                pairwise(
                    &self.secrets.subject,
                    &sector(client).unwrap_or_else(own),
                    user,
                )
            }
        }
    }
}

/// The key is secret and never changes: whoever lacks it can neither tell whose name it is nor whether two are one person's.
fn pairwise(key: &MacKey, sector: &str, user: UserId) -> String {
    let mac = key.mac(&[user.as_bytes(), sector.as_bytes()]);
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(mac)
}

/// Clients of one sector know a person by one name (§8.1): the host of `sector_identifier_uri`, or else of the redirect URIs, as long
/// as all have one. A client that nobody is redirected to is a sector of its own.
pub(crate) fn sector(client: &Client) -> Option<Cow<'_, str>> {
    let registered = &client.registration;
    if let Some(uri) = &registered.sector_identifier_uri {
        return Some(host(uri));
    }
    let mut hosts = registered
        .redirect_uris
        .iter()
        .map(|uri| host(uri.as_str()));
    let Some(first) = hosts.next() else {
        return Some(Cow::Borrowed(client.id.as_str()));
    };
    hosts.all(|host| host == first).then_some(first)
}

/// In lower case and without a port; an app's own scheme stands for its host.
fn host(uri: &str) -> Cow<'_, str> {
    let Some((_, rest)) = uri.split_once("://") else {
        return Cow::Borrowed(uri.split(':').next().unwrap_or(uri));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, _) = rest.split_at(end);
    let host = match authority
        .strip_prefix('[')
        .and_then(|v6| v6.split_once(']'))
    {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or(authority),
    };
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    #[test]
    fn a_sector_is_a_host() {
        for (uri, expected) in [
            ("https://App.Example/cb", "app.example"),
            ("https://app.example:8443/cb?x=1", "app.example"),
            ("https://app.example", "app.example"),
            ("http://[::1]:3000/cb", "::1"),
            ("com.example.app:/oauth", "com.example.app"),
        ] {
            assert_eq!(host(uri), expected, "{uri}");
        }
    }

    #[test]
    fn each_person_has_another_name_in_each_sector() {
        let key = MacKey::new(1, &[7; 32]);
        let user = |n: u8| UserId::new(Time::from_secs(1), [n; 10]);
        let names = [
            pairwise(&key, "a.example", user(1)),
            pairwise(&key, "b.example", user(1)),
            pairwise(&key, "a.example", user(2)),
            pairwise(&MacKey::new(1, &[8; 32]), "a.example", user(1)),
        ];
        for (at, name) in names.iter().enumerate() {
            assert_eq!(name.len(), 43);
            assert!(!names[..at].contains(name));
        }
        assert_eq!(names[0], pairwise(&key, "a.example", user(1)));
    }
}
