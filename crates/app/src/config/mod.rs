//! The configuration: one TOML file, overridden by `KEYWRIGHT_SECTION__KEY` variables.
//!
//! `sections.rs` is the list of keys; `load.rs` reads them and names the place of each mistake; `lint.rs` says what is
//! unsafe; `policy.rs` turns them into the domain's terms. Nothing else in Keywright reads files of configuration
//! or the environment.

mod lint;
mod load;
mod policy;
mod reference;
mod secret;
mod section;
mod sections;
mod trust;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use lint::{Finding, Severity, lint};
pub use reference::reference;
pub use secret::{SecretError, SecretRef};
pub use sections::*;
pub use value::*;

macro_rules! config {
    ($($field:ident: $section:ident,)+ $([$list:ident]: $item:ident,)+) => {
        /// What the file and the environment say.
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Config {
            $(pub $field: $section,)+
            $(pub $list: Vec<$item>,)+
            /// The directory of the file, where relative paths start.
            #[serde(skip)]
            pub base: PathBuf,
        }

        /// Every section with its documentation and keys, in the order of the reference.
        fn sections() -> Vec<(String, &'static str, Vec<section::Key>)> {
            use section::Section;
            vec![
                $((format!("[{}]", <$section>::NAME), <$section>::DOC, <$section>::keys()),)+
                $((format!("[[{}]]", <$item>::NAME), <$item>::DOC, <$item>::keys()),)+
            ]
        }

        #[cfg(test)]
        const FIELDS: &[(&str, &str)] =
            &[
                $((stringify!($field), <$section as section::Section>::NAME),)+
                $((stringify!($list), <$item as section::Section>::NAME),)+
            ];
    };
}

config! {
    issuer: Issuer,
    pkcs11: Pkcs11,
    transit: Transit,
    listen: Listen,
    tls: Tls,
    database: Database,
    accounts: Accounts,
    sessions: Sessions,
    logins: Logins,
    tokens: Tokens,
    keys: Keys,
    clients: Clients,
    passwords: Passwords,
    limits: Limits,
    registration: Registration,
    mail: Mail,
    links: Links,
    webhooks: Webhooks,
    log: Log,
    metrics: Metrics,
    demo: Demo,
    [trusted_issuers]: TrustedIssuer,
}

impl Config {
    /// A path of the file, seen from where the process runs.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }
}

/// The process environment, read once by `main`.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The one place that looks at the real environment. Names and values that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)))
            .collect()
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_documented_under_the_name_that_the_file_uses() {
        for (field, section) in FIELDS {
            assert_eq!(field, section);
        }
    }
}
