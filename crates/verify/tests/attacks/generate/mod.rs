//! Writes the catalogue: `cargo test -p keywright-verify --test attacks -- --ignored write_the_catalogue`.
//!
//! One file per area, one function per family of attacks. Ed25519 and RS256 sign wherever the algorithm does not matter,
//! because their signatures are the same each time; ECDSA's and PSS's change whenever the catalogue is written.

mod algorithm;
mod claims;
mod confusion;
mod ecdsa;
mod encoding;
mod good;
mod header;
mod key_choice;
mod parties;
mod public_key;
mod resources;
mod settings;
mod signature;
mod time;
mod weak_key;

pub use settings::settings;

use crate::catalogue::{self, Case, Expect};

/// Everything that the catalogue should hold.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    good::write(&mut cases);
    algorithm::write(&mut cases);
    ecdsa::write(&mut cases);
    signature::write(&mut cases);
    public_key::write(&mut cases);
    weak_key::write(&mut cases);
    encoding::write(&mut cases);
    key_choice::write(&mut cases);
    header::write(&mut cases);
    parties::write(&mut cases);
    claims::write(&mut cases);
    time::write(&mut cases);
    confusion::write(&mut cases);
    resources::write(&mut cases);
    cases
}

/// Cases that try one thing in many spellings.
struct Family<'c> {
    cases: &'c mut Vec<Case>,
    area: &'static str,
    name: &'static str,
    why: &'static str,
    source: &'static str,
    verifier: &'static str,
}

impl<'c> Family<'c> {
    /// A family of the verifier that takes access tokens of all asymmetric algorithms.
    fn new(cases: &'c mut Vec<Case>, area: &'static str, name: &'static str) -> Self {
        Self {
            cases,
            area,
            name,
            why: "",
            source: "",
            verifier: "asymmetric",
        }
    }

    fn why(mut self, source: &'static str, why: &'static str) -> Self {
        self.source = source;
        self.why = why;
        self
    }

    fn at(mut self, verifier: &'static str) -> Self {
        self.verifier = verifier;
        self
    }

    fn refuse(&mut self, title: impl Into<String>, reason: &str, token: String) {
        self.add(title.into(), Some(reason.to_owned()), token);
    }

    fn accept(&mut self, title: impl Into<String>, token: String) {
        self.add(title.into(), None, token);
    }

    fn add(&mut self, title: String, reason: Option<String>, token: String) {
        let expect = if reason.is_some() {
            Expect::Refuse
        } else {
            Expect::Accept
        };
        self.cases.push(Case {
            id: format!("{}/{}", self.name, slug(&title)),
            area: self.area.to_owned(),
            title,
            verifier: self.verifier.to_owned(),
            token: token.into(),
            expect,
            reason,
            why: self.why.to_owned(),
            source: self.source.to_owned(),
        });
    }
}

/// A title as an identifier. Case is kept: `none` and `None` are different attacks.
fn slug(title: &str) -> String {
    let words = title.split(|symbol: char| !symbol.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[test]
#[ignore = "writes the files that the other tests read"]
fn write_the_catalogue() {
    settings().save();
    catalogue::save(&cases());
}
