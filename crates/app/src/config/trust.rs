//! `[[trusted_issuers]]` in the domain's terms, with the keys that it names.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use keywright_domain::trust::{NamedBy, Naming, TrustedIssuer as Trusted, TrustedKeys};
use keywright_jwt::{JwkSet, VerifyingKey};

use super::{Config, Environment, Names, SecretEncoding, TrustedIssuer};

impl Config {
    pub fn trusted_issuers(&self, environment: &Environment) -> Result<Vec<Trusted>> {
        let mut all: Vec<Trusted> = Vec::new();
        for (number, section) in (1..).zip(&self.trusted_issuers) {
            let trusted = self
                .trusted_issuer(section, environment)
                .with_context(|| format!("trusted_issuers, the {number}. table"))?;
            ensure!(
                all.iter().all(|other| other.issuer != trusted.issuer),
                "trusted_issuers: {:?} stands there twice",
                trusted.issuer
            );
            all.push(trusted);
        }
        Ok(all)
    }

    fn trusted_issuer(
        &self,
        section: &TrustedIssuer,
        environment: &Environment,
    ) -> Result<Trusted> {
        ensure!(
            !section.issuer.is_empty(),
            "issuer is not set: expected its `iss`"
        );
        let own = self.issuer.url.as_ref().map(|url| url.0.as_str());
        ensure!(
            own != Some(section.issuer.as_str()),
            "issuer is this issuer, whose tokens are exchanged without trusting anybody"
        );
        ensure!(
            !section.clients.is_empty(),
            "clients is empty: nobody could bring its tokens"
        );
        Ok(Trusted {
            issuer: section.issuer.clone(),
            audience: section.audience.clone(),
            keys: self.keys_of(section, environment)?,
            naming: Naming {
                claim: section.claim.clone(),
                by: match section.names {
                    Names::Email => NamedBy::Email,
                    Names::Username => NamedBy::Username,
                    Names::Id => NamedBy::Id,
                },
            },
            clients: section.clients.clone(),
        })
    }

    fn keys_of(&self, section: &TrustedIssuer, environment: &Environment) -> Result<TrustedKeys> {
        let algorithm = section.algorithm;
        let keys = match (&section.jwks, &section.jwks_uri, &section.secret) {
            (Some(path), None, None) => {
                let path = self.path(path);
                let unread = || format!("jwks: cannot read {}", path.display());
                let bytes = fs::read(&path).with_context(unread)?;
                let keys = JwkSet::parse(&bytes).context("jwks")?;
                let fits = keys
                    .keys
                    .iter()
                    .any(|key| key.usable_algorithms().any(|own| own == algorithm));
                ensure!(fits, "jwks: it has no key for {algorithm}");
                TrustedKeys::Set(algorithm, Arc::new(keys))
            }
            (None, Some(uri), None) => {
                ensure!(uri.starts_with("https://"), "jwks_uri: expected https");
                TrustedKeys::Published(algorithm, uri.clone())
            }
            (None, None, Some(reference)) => {
                let secret = reference.read(&self.base, environment).context("secret")?;
                let bytes = key_bytes(secret.expose(), section.secret_encoding)?;
                let key = VerifyingKey::from_secret(algorithm, &bytes).context("secret")?;
                TrustedKeys::Secret(key)
            }
            _ => bail!("expected one of jwks, jwks_uri and secret"),
        };
        // A public key as an HMAC secret is the oldest confusion of all: the kinds never meet.
        let is_secret = matches!(keys, TrustedKeys::Secret(_));
        ensure!(
            is_secret == algorithm.is_symmetric(),
            "algorithm: {algorithm} does not go with these keys"
        );
        Ok(keys)
    }
}

fn key_bytes(text: &str, encoding: SecretEncoding) -> Result<Vec<u8>> {
    match encoding {
        SecretEncoding::Text => Ok(text.as_bytes().to_vec()),
        SecretEncoding::Base64 => {
            let bare = text
                .trim_end_matches('=')
                .replace('-', "+")
                .replace('_', "/");
            base64_simd::STANDARD_NO_PAD
                .decode_to_vec(bare)
                .context("secret: it is no base64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn read(table: &str) -> Result<Vec<Trusted>, String> {
        let text =
            format!("[issuer]\nurl = \"https://id.example.org\"\n[[trusted_issuers]]\n{table}\n");
        let config: Config = toml::from_str(&text).map_err(|error| error.to_string())?;
        let variables = [("OLD", SECRET), ("SHORT", "secret")];
        let environment = variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let trusted = config.trusted_issuers(&environment);
        trusted.map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_table_says_whom_to_believe_in_what() {
        let all = read(
            "issuer = \"https://old.example\"\nalgorithm = \"HS256\"\nsecret = \"env:OLD\"\n\
             claim = \"sub\"\nnames = \"username\"\nclients = [\"web\"]",
        );
        let trusted = &all.unwrap()[0];
        assert_eq!(trusted.audience, None);
        assert_eq!(trusted.naming.by, NamedBy::Username);
        assert!(matches!(&trusted.keys, TrustedKeys::Secret(_)));
        assert!(!format!("{trusted:?}").contains(SECRET));
    }

    #[test]
    fn what_cannot_be_believed_is_refused() {
        let rest = "clients = [\"web\"]\n";
        for (table, says) in [
            ("jwks_uri = \"https://a.example/k\"", "issuer is not set"),
            ("issuer = \"https://id.example.org\"", "is this issuer"),
            ("issuer = \"x\"", "expected one of"),
            (
                "issuer = \"x\"\njwks = \"a\"\njwks_uri = \"https://a\"",
                "expected one of",
            ),
            (
                "issuer = \"x\"\njwks_uri = \"http://a.example/k\"",
                "expected https",
            ),
            ("issuer = \"x\"\njwks = \"missing.json\"", "jwks"),
            ("issuer = \"x\"\nsecret = \"env:OLD\"", "secret"),
            (
                "issuer = \"x\"\nalgorithm = \"HS256\"\nsecret = \"env:SHORT\"",
                "secret",
            ),
            (
                "issuer = \"x\"\nalgorithm = \"HS256\"\njwks_uri = \"https://a.example/k\"",
                "does not go with",
            ),
        ] {
            let refused = read(&format!("{rest}{table}")).unwrap_err();
            assert!(refused.contains(says), "{table}: {refused}");
        }
        let refused = read("issuer = \"x\"\njwks_uri = \"https://a.example/k\"").unwrap_err();
        assert!(refused.contains("clients is empty"), "{refused}");
        let one = format!("issuer = \"x\"\njwks_uri = \"https://a.example/k\"\n{rest}");
        let refused = read(&format!("{one}[[trusted_issuers]]\n{one}")).unwrap_err();
        assert!(refused.contains("twice"), "{refused}");
    }

    #[test]
    fn a_secret_is_read_as_it_is_written() {
        let bytes = [0xfb, 0xff, 0xfe, 1];
        for text in ["+//+AQ==", "+//+AQ", "-__-AQ"] {
            assert_eq!(
                key_bytes(text, SecretEncoding::Base64).unwrap(),
                bytes,
                "{text}"
            );
        }
        assert_eq!(key_bytes("ab", SecretEncoding::Text).unwrap(), b"ab");
        assert!(key_bytes("a b", SecretEncoding::Base64).is_err());
    }
}
