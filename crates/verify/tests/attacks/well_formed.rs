use std::collections::BTreeMap;

use crate::catalogue::{self, AREAS, Case, Expect};
use crate::generate;
use crate::settings::Settings;

#[test]
fn every_case_has_its_own_id_and_says_everything() {
    let (cases, settings) = (catalogue::load(), Settings::load());
    let mut seen = BTreeMap::new();
    for case in &cases {
        assert_eq!(
            seen.insert(&case.id, ()),
            None,
            "{} is there twice",
            case.id
        );
        assert!(
            settings.verifiers.contains_key(&case.verifier),
            "{}: verifier {}",
            case.id,
            case.verifier
        );
        assert!(
            AREAS.contains(&case.area.as_str()),
            "{}: area {}",
            case.id,
            case.area
        );
        assert!(
            !case.title.is_empty() && !case.why.is_empty() && !case.source.is_empty(),
            "{}",
            case.id
        );
        assert_eq!(
            case.reason.is_some(),
            case.expect == Expect::Refuse,
            "{}",
            case.id
        );
    }
}

/// A verifier that refuses everything, or accepts everything, fails.
#[test]
fn there_are_attacks_and_good_tokens_enough() {
    let cases = catalogue::load();
    let good = cases
        .iter()
        .filter(|case| case.expect == Expect::Accept)
        .count();
    assert!(cases.len() - good >= 500, "{} attacks", cases.len() - good);
    assert!(good >= 40, "{good} good tokens");
    for verifier in Settings::load()
        .verifiers
        .keys()
        .filter(|name| *name != "weak-keys")
    {
        let attacked = cases.iter().any(|case| case.verifier == *verifier);
        assert!(attacked, "no case for {verifier}");
    }
}

/// What is committed is what the generator writes, but for signatures that are random by nature.
#[test]
fn the_files_are_what_the_generator_writes() {
    assert_eq!(Settings::load(), generate::settings());
    let by_id = |cases: Vec<Case>| {
        cases
            .into_iter()
            .map(|case| (case.id.clone(), case))
            .collect::<BTreeMap<_, _>>()
    };
    let (written, generated) = (by_id(catalogue::load()), by_id(generate::cases()));
    let ids = |cases: &BTreeMap<String, Case>| cases.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&written), ids(&generated));
    for (id, case) in generated {
        let file = &written[&id];
        assert_eq!(
            file.token.without_signature(),
            case.token.without_signature(),
            "{id}"
        );
        let same_token = Case {
            token: file.token.clone(),
            ..case
        };
        assert_eq!(*file, same_token);
    }
}
