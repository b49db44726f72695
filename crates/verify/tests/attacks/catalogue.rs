use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One token and what a verifier has to say to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `family/what-is-special`, unique in the whole catalogue.
    pub id: String,
    pub area: String,
    pub title: String,
    /// Names a verifier in verifiers.json.
    pub verifier: String,
    pub token: Token,
    pub expect: Expect,
    /// The stable code of the refusal. `None` when the token is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub why: String,
    /// CVE identifier or section of a specification.
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    Accept,
    Refuse,
}

/// A token as it is sent, or, where that would fill pages, the pieces that it is put together from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Token {
    Whole(String),
    Pieces(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    pub text: String,
    pub times: usize,
}

/// Tokens from this length on are stored in pieces.
const WHOLE: usize = 4096;

/// Four characters of base64 repeat when three bytes do.
const UNIT: usize = 4;

impl Token {
    pub fn text(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Pieces(pieces) => pieces
                .iter()
                .map(|piece| piece.text.repeat(piece.times))
                .collect(),
        }
    }

    /// Everything in front of the last dot: what the same generator writes each time, unlike an ECDSA signature.
    pub fn without_signature(&self) -> String {
        let text = self.text();
        let end = text.rfind('.').unwrap_or(text.len());
        text[..end].to_owned()
    }
}

impl From<String> for Token {
    fn from(text: String) -> Self {
        if text.len() < WHOLE || !text.is_ascii() {
            return Self::Whole(text);
        }
        let mut pieces = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at + UNIT <= text.len() {
            let unit = &text[at..at + UNIT];
            let rest = text.as_bytes()[at..].chunks_exact(UNIT);
            let times = rest.take_while(|chunk| *chunk == unit.as_bytes()).count();
            if times < WHOLE / UNIT / 4 {
                at += 1;
                continue;
            }
            pieces.extend(once(&text[start..at]));
            pieces.push(Piece {
                text: unit.to_owned(),
                times,
            });
            at += times * UNIT;
            start = at;
        }
        pieces.extend(once(&text[start..]));
        Self::Pieces(pieces)
    }
}

fn once(text: &str) -> Option<Piece> {
    (!text.is_empty()).then(|| Piece {
        text: text.to_owned(),
        times: 1,
    })
}

/// The folder of the data files: this one.
pub fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "attacks"]
        .iter()
        .collect()
}

/// Files that hold cases, one per area.
pub const AREAS: [&str; 7] = [
    "good",
    "signature",
    "encoding",
    "header",
    "claims",
    "confusion",
    "resources",
];

pub fn load() -> Vec<Case> {
    AREAS
        .iter()
        .flat_map(|area| {
            let text = fs::read_to_string(folder().join(format!("{area}.json"))).unwrap();
            serde_json::from_str::<Vec<Case>>(&text)
                .unwrap_or_else(|error| panic!("{area}: {error}"))
        })
        .collect()
}

pub fn save(cases: &[Case]) {
    for area in AREAS {
        let of_area: Vec<_> = cases.iter().filter(|case| case.area == area).collect();
        let text = serde_json::to_string_pretty(&of_area).unwrap() + "\n";
        fs::write(folder().join(format!("{area}.json")), text).unwrap();
    }
}
