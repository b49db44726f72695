//! References to secrets. The configuration file says where a secret is, never what it is, so that the file can be shown,
//! copied and kept in version control.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use keywright_custody::{MasterKey, MasterKeyError};
use keywright_domain::secret::PlainSecret;
use serde::{Deserialize, Serialize};

use super::Environment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretRef {
    /// A file; a relative path starts at the configuration file's directory.
    File(PathBuf),
    /// A systemd credential (`LoadCredential=`, `LoadCredentialEncrypted=`).
    Credential(String),
    /// An environment variable. Child processes and crash reports see those; `check` says so.
    Env(String),
}

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("cannot read {path}: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "$CREDENTIALS_DIRECTORY is not set: the process was not started by systemd with LoadCredential="
    )]
    NoCredentials,
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
}

impl SecretRef {
    /// The secret, without the line break at the end that editors add.
    pub fn read(&self, base: &Path, environment: &Environment) -> Result<PlainSecret, SecretError> {
        let text = match self {
            SecretRef::File(path) => read(&base.join(path))?,
            SecretRef::Credential(name) => read(&credentials(environment)?.join(name))?,
            SecretRef::Env(name) => variable(environment, name)?.to_owned(),
        };
        Ok(PlainSecret::new(text.trim_end_matches(['\r', '\n'])))
    }

    pub fn read_master_key(
        &self,
        base: &Path,
        environment: &Environment,
    ) -> Result<MasterKey, SecretError> {
        Ok(match self {
            SecretRef::File(path) => MasterKey::from_file(&base.join(path))?,
            SecretRef::Credential(name) => {
                MasterKey::from_credential(credentials(environment)?, name)?
            }
            SecretRef::Env(name) => MasterKey::from_base64(variable(environment, name)?)?,
        })
    }
}

fn read(path: &Path) -> Result<String, SecretError> {
    fs::read_to_string(path).map_err(|source| SecretError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn credentials(environment: &Environment) -> Result<&Path, SecretError> {
    environment
        .get("CREDENTIALS_DIRECTORY")
        .map(Path::new)
        .ok_or(SecretError::NoCredentials)
}

fn variable<'a>(environment: &'a Environment, name: &str) -> Result<&'a str, SecretError> {
    environment
        .get(name)
        .ok_or_else(|| SecretError::NotSet(name.to_owned()))
}

impl FromStr for SecretRef {
    type Err = &'static str;

    /// The refusal never repeats the text, which may be the secret itself.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("cred", name)) if is_file_name(name) => Ok(Self::Credential(name.to_owned())),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(_) | None => Err("a secret does not belong into the configuration: \
                 expected a reference, \"file:PATH\", \"cred:NAME\" or \"env:NAME\""),
        }
    }
}

/// A credential is a file directly in the credentials directory, so its name leads nowhere else.
fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "." && name != ".."
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::File(path) => write!(f, "file:{}", path.display()),
            SecretRef::Credential(name) => write!(f, "cred:{name}"),
            SecretRef::Env(name) => write!(f, "env:{name}"),
        }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        text.parse()
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> String {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_secret_is_refused_and_not_repeated() {
        for text in [
            "hunter2",
            "hunter2:hunter2",
            "file:",
            "env:",
            "cred:../hunter2",
            "cred:",
        ] {
            let refused = text.parse::<SecretRef>().unwrap_err();
            assert!(refused.contains("expected a reference") && !refused.contains("hunter2"));
        }
    }

    #[test]
    fn a_reference_is_written_back_as_it_was_read() {
        for text in ["file:master.key", "cred:smtp-password", "env:DATABASE_URL"] {
            assert_eq!(text.parse::<SecretRef>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_missing_secret_names_where_it_was_looked_for() {
        let (base, environment) = (Path::new("/nonexistent"), Environment::default());
        let error = |text: &str| {
            text.parse::<SecretRef>()
                .unwrap()
                .read(base, &environment)
                .unwrap_err()
                .to_string()
        };
        assert!(error("file:key").contains("/nonexistent/key"));
        assert!(error("cred:key").contains("CREDENTIALS_DIRECTORY"));
        assert!(error("env:NO_SUCH").contains("NO_SUCH"));
    }
}
