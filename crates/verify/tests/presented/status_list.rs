mod generate;

use keywright_verify::{JwkSet, KeySlot, StatusLists};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Case, judge, load, save};
use crate::forge::NOW;

const FILE: &str = "status_list.json";

/// What status_list.json holds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    now: i64,
    issuer: String,
    /// Where the list was asked for.
    uri: String,
    key_set: Value,
    cases: Vec<Case>,
}

#[test]
fn each_status_list_token_is_taken_or_refused_as_the_catalogue_says() {
    let catalogue: Catalogue = load(FILE);
    let keys = JwkSet::parse(catalogue.key_set.to_string().as_bytes()).unwrap();
    judge(&catalogue.cases, |case| {
        let lists = StatusLists::new(&catalogue.issuer, KeySlot::new(keys.clone()).unwrap(), 600);
        let taken = lists.take(&catalogue.uri, &case.token, catalogue.now);
        taken
            .err()
            .map_or("accepted", |error| error.code())
            .to_owned()
    });
}

#[test]
fn no_status_list_token_is_an_access_token() {
    let catalogue: Catalogue = load(FILE);
    let keys = JwkSet::parse(catalogue.key_set.to_string().as_bytes()).unwrap();
    let builder =
        keywright_verify::Verifier::builder(&catalogue.issuer, KeySlot::new(keys).unwrap());
    let verifier = builder
        .audience(&catalogue.uri)
        .clock(|| NOW)
        .build()
        .unwrap();
    for case in catalogue.cases {
        assert!(verifier.verify(&case.token).is_err(), "{}", case.id);
    }
}

#[test]
fn the_status_list_file_is_what_the_generator_writes() {
    assert_eq!(load::<Catalogue>(FILE), generate::catalogue());
}

#[test]
#[ignore = "writes the file"]
fn write_status_list_tokens() {
    save(FILE, &generate::catalogue());
}
