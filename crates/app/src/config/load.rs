//! Reads the file and the environment. A mistake is named with its file, line and key, and with what was expected; the text of
//! the line is never repeated, since it may hold a secret that somebody put there.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, Environment};

const PREFIX: &str = "KEYWRIGHT_";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}:{line}: {key}: {detail}")]
    Malformed {
        path: PathBuf,
        line: usize,
        key: String,
        detail: String,
    },
    #[error("the environment variable {name}: {detail}")]
    Override { name: String, detail: String },
    #[error("{path}: {key}: {expected}")]
    Missing {
        path: PathBuf,
        key: &'static str,
        expected: &'static str,
    },
}

impl Config {
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let mut config = Self::parse(&text, path, environment)?;
        let absolute = std::path::absolute(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        config.base = absolute.parent().map(Path::to_owned).unwrap_or_default();
        Ok(config)
    }

    fn parse(text: &str, path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        // The file by itself first: only so can a mistake in it be given its line.
        toml::from_str::<Self>(text).map_err(|error| malformed(text, path, &error))?;
        let mut table: toml::Table =
            toml::from_str(text).map_err(|error| malformed(text, path, &error))?;
        for (name, value) in environment.iter() {
            let Some((section, key)) = overridden(name) else {
                continue;
            };
            set(&mut table, &section, key, value);
            table
                .clone()
                .try_into::<Self>()
                .map_err(|error| ConfigError::Override {
                    name: name.to_owned(),
                    detail: error.message().to_owned(),
                })?;
        }
        let config: Self = table
            .try_into()
            .map_err(|error| malformed(text, path, &error))?;
        config.complete(path)?;
        Ok(config)
    }

    /// What no default can stand for.
    fn complete(&self, path: &Path) -> Result<(), ConfigError> {
        let missing = |key, expected| {
            Err(ConfigError::Missing {
                path: path.to_owned(),
                key,
                expected,
            })
        };
        if self.issuer.url.is_none() {
            return missing(
                "issuer.url",
                "is not set: expected the URL that clients use, such as \"https://id.example.org\"",
            );
        }
        if let Some((key, expected)) = self.lacks_custody() {
            return missing(key, expected);
        }
        match (&self.database.sqlite, &self.database.postgres) {
            (None, None) => missing(
                "database",
                "is not set: expected `sqlite = \"PATH\"` or `postgres = \"env:NAME\"`",
            ),
            (Some(_), Some(_)) => missing(
                "database",
                "has two engines: expected either `sqlite` or `postgres`",
            ),
            (Some(_), None) | (None, Some(_))
                if self.tls.certificate.is_some() != self.tls.key.is_some() =>
            {
                missing(
                    "tls",
                    "is half set: expected both `certificate` and `key`, or neither",
                )
            }
            (Some(_), None) | (None, Some(_)) => Ok(()),
        }
    }
}

impl Config {
    /// New keys rest in one place, and whatever opens it is named whole.
    fn lacks_custody(&self) -> Option<(&'static str, &'static str)> {
        let (pkcs11, transit) = (&self.pkcs11, &self.transit);
        let named = pkcs11.module.is_some();
        if named != pkcs11.token.is_some() || named != pkcs11.pin.is_some() {
            return Some((
                "pkcs11",
                "is half set: expected `module`, `token` and `pin`, or none of them",
            ));
        }
        if transit.url.is_some() != transit.token.is_some() {
            return Some((
                "transit",
                "is half set: expected both `url` and `token`, or neither",
            ));
        }
        match (pkcs11.takes_new_keys(), transit.takes_new_keys()) {
            (true, true) => Some((
                "new_keys",
                "is true in [pkcs11] and in [transit]: new keys rest in one of them",
            )),
            (false, false) if self.issuer.master_key.is_none() => Some((
                "issuer.master_key",
                "is not set: expected a reference, such as \"file:master.key\", or a vault for new keys in [pkcs11] or [transit]",
            )),
            (true, false) | (false, true) | (false, false) => None,
        }
    }
}

/// `KEYWRIGHT_SECTION__KEY` as (section, key). Other names are not ours to judge.
fn overridden(name: &str) -> Option<(String, String)> {
    let (section, key) = name.strip_prefix(PREFIX)?.split_once("__")?;
    Some((section.to_lowercase(), key.to_lowercase()))
}

/// The value is read as TOML (`true`, `30`, `["a", "b"]`), and as plain text where it is none.
fn set(table: &mut toml::Table, section: &str, key: String, text: &str) {
    let value = format!("v={text}")
        .parse::<toml::Table>()
        .ok()
        .filter(|parsed| parsed.len() == 1)
        .and_then(|mut parsed| parsed.remove("v"))
        .unwrap_or_else(|| toml::Value::String(text.to_owned()));
    let section = table
        .entry(section)
        .or_insert_with(|| toml::Table::new().into());
    if let Some(section) = section.as_table_mut() {
        section.insert(key, value);
    }
}

fn malformed(text: &str, path: &Path, error: &toml::de::Error) -> ConfigError {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    ConfigError::Malformed {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        key: key_at(text, before.len()),
        detail: error.message().to_owned(),
    }
}

/// The section and key that surround a position.
fn key_at(text: &str, position: usize) -> String {
    let start = text[..position]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    let header = |line: &str| {
        Some(
            line.trim()
                .strip_prefix('[')?
                .split_once(']')?
                .0
                .trim()
                .to_owned(),
        )
    };
    let section = text[..start + line.len()]
        .lines()
        .rev()
        .find_map(header)
        .unwrap_or_default();
    match (section.as_str(), key) {
        ("", "") => "the file".to_owned(),
        (section, "") => format!("[{section}]"),
        ("", key) => key.to_owned(),
        (section, key) => format!("{section}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[issuer]\nurl = \"https://id.example.org\"\nmaster_key = \"file:master.key\"\n[database]\nsqlite = \"keywright.db\"\n";

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let environment = variables
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Config::parse(text, Path::new("keywright.toml"), &environment).map_err(|e| e.to_string())
    }

    fn refusal(addition: &str) -> String {
        parse(&format!("{LEAST}{addition}"), &[]).unwrap_err()
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let config = parse(LEAST, &[]).unwrap();
        assert_eq!(config.sessions, crate::config::Sessions::default());
        assert_eq!(config.listen.address.to_string(), "127.0.0.1:8080");
    }

    #[test]
    fn a_mistake_is_named_with_file_line_key_and_expectation() {
        let refused = refusal("[sessions]\ngrace = \"10 seconds\"\n");
        assert!(
            refused.starts_with("keywright.toml:7: sessions.grace: "),
            "{refused}"
        );
        assert!(
            refused.contains("expected a number with s, m, h or d"),
            "{refused}"
        );
        assert!(
            refusal("[listen]\naddress = \"localhost\"")
                .starts_with("keywright.toml:7: listen.address: ")
        );
        assert!(
            refusal("[sessions\n").starts_with("keywright.toml:6: "),
            "{}",
            refusal("[sessions\n")
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        let refused = refusal("[sessions]\nidle = \"1d\"\nidel = \"1d\"\n");
        assert!(
            refused.starts_with("keywright.toml:8: sessions.idel: unknown field"),
            "{refused}"
        );
        assert!(refused.contains("`absolute`"), "{refused}");
        assert!(refusal("[session]\n").contains("unknown field `session`"));
    }

    #[test]
    fn a_literal_secret_is_refused_and_not_repeated() {
        let refused = refusal("[mail]\npassword = \"hunter2\"\n");
        assert!(
            refused.starts_with("keywright.toml:7: mail.password: a secret does not belong"),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"));
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = parse(
            LEAST,
            &[
                ("KEYWRIGHT_SESSIONS__GRACE", "0s"),
                ("KEYWRIGHT_ACCOUNTS__REGISTRATION", "false"),
                ("KEYWRIGHT_ACCOUNTS__DEFAULT_ROLES", "[\"viewer\"]"),
                ("KEYWRIGHT_LISTEN__ADDRESS", "[::1]:9000"),
                ("KEYWRIGHT_ISSUER__URL", "https://other.example.org"),
                ("SOMETHING_ELSE", "1"),
            ],
        )
        .unwrap();
        assert_eq!(config.sessions.grace.to_string(), "0s");
        assert!(!config.accounts.registration);
        assert_eq!(config.accounts.default_roles.len(), 1);
        assert_eq!(config.listen.address.to_string(), "[::1]:9000");
        assert_eq!(
            config.issuer.url.unwrap().to_string(),
            "https://other.example.org"
        );
    }

    #[test]
    fn a_mistake_in_the_environment_names_the_variable() {
        let refused = parse(LEAST, &[("KEYWRIGHT_SESSIONS__IDEL", "1d")]).unwrap_err();
        assert!(
            refused.contains("KEYWRIGHT_SESSIONS__IDEL: unknown field `idel`"),
            "{refused}"
        );
        let refused = parse(LEAST, &[("KEYWRIGHT_MAIL__PASSWORD", "hunter2")]).unwrap_err();
        assert!(
            refused.contains("KEYWRIGHT_MAIL__PASSWORD") && !refused.contains("hunter2"),
            "{refused}"
        );
    }

    #[test]
    fn a_token_stands_in_for_the_master_key_unless_new_keys_rest_under_that() {
        let token = |more: &str| {
            format!(
                "[issuer]\nurl = \"https://id.example.org\"\n[database]\nsqlite = \"a.db\"\n\
                 [pkcs11]\nmodule = \"/lib/hsm.so\"\ntoken = \"keys\"\npin = \"file:pin\"\n{more}"
            )
        };
        assert_eq!(parse(&token(""), &[]).unwrap().issuer.master_key, None);
        let refused = parse(&token("new_keys = false"), &[]).unwrap_err();
        assert!(
            refused.contains("issuer.master_key: is not set"),
            "{refused}"
        );
        let literal = parse(&token("").replace("file:pin", "1234"), &[]).unwrap_err();
        assert!(
            literal.contains("pkcs11.pin") && !literal.contains("1234"),
            "{literal}"
        );
    }

    #[test]
    fn new_keys_rest_in_one_of_two_vaults() {
        let both = |pkcs11: bool, transit: bool| {
            let vaults = format!(
                "[pkcs11]\nmodule = \"/lib/hsm.so\"\ntoken = \"keys\"\npin = \"file:pin\"\nnew_keys = {pkcs11}\n\
                 [transit]\nurl = \"https://bao.example.org\"\ntoken = \"file:token\"\nnew_keys = {transit}"
            );
            parse(&format!("{LEAST}{vaults}"), &[])
        };
        let refused = both(true, true).unwrap_err();
        assert!(refused.contains("new_keys: is true in"), "{refused}");
        for (pkcs11, transit) in [(true, false), (false, true), (false, false)] {
            assert!(both(pkcs11, transit).is_ok());
        }
    }

    #[test]
    fn what_no_default_can_stand_for_is_asked_for_by_name() {
        for (text, key) in [
            ("", "issuer.url"),
            (
                "[issuer]\nurl = \"https://id.example.org\"",
                "issuer.master_key",
            ),
            (
                "[issuer]\nurl = \"https://id.example.org\"\nmaster_key = \"cred:k\"",
                "database",
            ),
        ] {
            let refused = parse(text, &[]).unwrap_err();
            assert!(refused.contains(&format!("{key}: is not set")), "{refused}");
        }
        assert!(refusal("postgres = \"env:URL\"").contains("two engines"));
        assert!(refusal("[pkcs11]\nmodule = \"/lib/hsm.so\"").contains("pkcs11: is half set"));
        for half in [
            "url = \"https://bao.example.org\"",
            "token = \"file:token\"",
        ] {
            assert!(refusal(&format!("[transit]\n{half}")).contains("transit: is half set"));
        }
        assert!(refusal("[tls]\ncertificate = \"a.pem\"").contains("half set"));
    }
}
