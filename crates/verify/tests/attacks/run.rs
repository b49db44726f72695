use std::collections::BTreeMap;

use keywright_verify::{Refusal, Verifier};

use crate::catalogue::{self, Case, Expect};
use crate::settings::Settings;

/// A case whose answer was not the expected one.
struct Wrong {
    id: String,
    expected: String,
    got: String,
}

#[test]
fn a_fresh_verifier_says_what_the_catalogue_expects() {
    let settings = Settings::load();
    assert_none(judge_all(|case| {
        code(&settings.build(&case.verifier), case)
    }));
}

/// A verifier recognises headers that it has seen; its answers must not depend on what it has seen.
#[test]
fn a_verifier_that_has_seen_good_tokens_says_the_same() {
    let settings = Settings::load();
    let cases = catalogue::load();
    let verifiers: BTreeMap<_, _> = settings
        .verifiers
        .keys()
        .map(|name| (name.as_str(), settings.build(name)))
        .collect();
    for good in cases.iter().filter(|case| case.expect == Expect::Accept) {
        assert_eq!(
            code(&verifiers[good.verifier.as_str()], good),
            "accepted",
            "{}",
            good.id
        );
    }
    assert_none(judge_all(|case| {
        code(&verifiers[case.verifier.as_str()], case)
    }));
}

#[test]
fn a_reused_buffer_keeps_nothing_of_the_token_before() {
    let settings = Settings::load();
    let verifier = settings.build("asymmetric");
    let mut scratch = keywright_verify::Scratch::default();
    for case in catalogue::load()
        .iter()
        .filter(|case| case.verifier == "asymmetric")
    {
        let alone = code(&verifier, case);
        let reused = verifier
            .verify_in(&case.token.text(), &mut scratch)
            .map(|claims| claims.json().to_owned());
        assert_eq!(name(reused.as_ref().err()), alone, "{}", case.id);
        if let Ok(json) = reused {
            assert_eq!(
                json,
                verifier.verify(&case.token.text()).unwrap().claims().json(),
                "{}",
                case.id
            );
        }
    }
}

fn judge_all(judge: impl Fn(&Case) -> String) -> Vec<Wrong> {
    let cases = catalogue::load();
    let judged = cases.into_iter().map(|case| (judge(&case), case));
    let wrong = judged
        .filter(|(got, case)| *got != expected(case))
        .map(|(got, case)| Wrong {
            expected: expected(&case),
            id: case.id,
            got,
        });
    wrong.collect()
}

fn expected(case: &Case) -> String {
    case.reason.clone().unwrap_or_else(|| "accepted".to_owned())
}

pub fn code(verifier: &Verifier, case: &Case) -> String {
    name(verifier.verify(&case.token.text()).err().as_ref())
}

fn name(refusal: Option<&Refusal>) -> String {
    refusal.map_or("accepted", Refusal::code).to_owned()
}

fn assert_none(wrong: Vec<Wrong>) {
    let list: Vec<_> = wrong
        .iter()
        .map(|case| format!("{}: expected {}, got {}", case.id, case.expected, case.got))
        .collect();
    assert!(
        list.is_empty(),
        "{} cases:\n{}",
        list.len(),
        list.join("\n")
    );
}
