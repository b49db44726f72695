use std::fs;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One token or proof and what to say to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    pub token: String,
    pub expect: Expect,
    /// The stable code of the refusal. `None` when the token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub why: String,
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    Accept,
    Refuse,
}

impl Case {
    pub fn good(id: &str, token: String, why: &str, source: &str) -> Self {
        Self {
            id: id.to_owned(),
            token,
            expect: Expect::Accept,
            reason: None,
            why: why.to_owned(),
            source: source.to_owned(),
        }
    }

    pub fn bad(id: &str, token: String, reason: &str, why: &str, source: &str) -> Self {
        Self {
            expect: Expect::Refuse,
            reason: Some(reason.to_owned()),
            ..Self::good(id, token, why, source)
        }
    }

    /// What the verifier is expected to answer.
    pub fn answer(&self) -> &str {
        self.reason.as_deref().unwrap_or("accepted")
    }
}

/// Fails with a list of all cases that were answered otherwise, and if the list of cases is not what it claims to be.
pub fn judge(cases: &[Case], answer: impl Fn(&Case) -> String) {
    let mut ids: Vec<_> = cases.iter().map(|case| &case.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), cases.len(), "two cases share a name");
    assert!(
        cases.iter().any(|case| case.expect == Expect::Accept),
        "a verifier that refuses all would pass"
    );
    let wrong: Vec<_> = cases
        .iter()
        .map(|case| (case, answer(case)))
        .filter(|(case, got)| case.answer() != got)
        .map(|(case, got)| format!("{}: expected {}, got {got}", case.id, case.answer()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

pub fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "attacks"]
        .iter()
        .collect()
}

pub fn load<T: DeserializeOwned>(file: &str) -> T {
    serde_json::from_str(&fs::read_to_string(folder().join(file)).unwrap()).unwrap()
}

pub fn save<T: Serialize>(file: &str, content: &T) {
    fs::write(
        folder().join(file),
        serde_json::to_string_pretty(content).unwrap() + "\n",
    )
    .unwrap();
}
