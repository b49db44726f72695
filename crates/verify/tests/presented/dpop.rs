mod generate;

use keywright_verify::{
    BoundVerifier, Dpop, JwkSet, KeySlot, Possession, Presented, ProofOf, Verifier,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Case, judge, load, save};

const FILE: &str = "dpop.json";

/// What dpop.json holds. Each case is a proof that comes with the same token and the same request.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    now: i64,
    issuer: String,
    audience: String,
    key_set: Value,
    access_token: String,
    method: String,
    url: String,
    /// Seconds since `iat`, leeway not included.
    max_age: u32,
    leeway: u32,
    algorithms: Vec<keywright_verify::Algorithm>,
    cases: Vec<Case>,
}

impl Catalogue {
    /// A verifier that remembers no proof yet.
    fn verifier(&self) -> BoundVerifier {
        let keys = JwkSet::parse(self.key_set.to_string().as_bytes()).unwrap();
        let now = self.now;
        let dpop = Dpop::new()
            .algorithms(&self.algorithms)
            .max_age(self.max_age)
            .leeway(self.leeway);
        Verifier::builder(&self.issuer, KeySlot::new(keys).unwrap())
            .audience(&self.audience)
            .clock(move || now)
            .build_bound(Possession::new().dpop(dpop))
            .unwrap()
    }

    fn answer(&self, verifier: &BoundVerifier, proof: &str) -> String {
        let dpop = Some(ProofOf {
            proof,
            method: &self.method,
            url: &self.url,
        });
        let outcome = verifier.verify(
            &self.access_token,
            &Presented {
                dpop,
                certificate: None,
            },
        );
        outcome
            .err()
            .map_or("accepted", |refusal| refusal.code())
            .to_owned()
    }
}

#[test]
fn each_proof_is_accepted_or_refused_as_the_catalogue_says() {
    let catalogue: Catalogue = load(FILE);
    judge(&catalogue.cases, |case| {
        catalogue.answer(&catalogue.verifier(), &case.token)
    });
}

#[test]
fn no_good_proof_is_good_twice() {
    let catalogue: Catalogue = load(FILE);
    for case in catalogue.cases.iter().filter(|case| case.reason.is_none()) {
        let verifier = catalogue.verifier();
        assert_eq!(
            catalogue.answer(&verifier, &case.token),
            "accepted",
            "{}",
            case.id
        );
        assert_eq!(
            catalogue.answer(&verifier, &case.token),
            "proof_replayed",
            "{}",
            case.id
        );
    }
}

#[test]
fn no_proof_is_an_access_token() {
    let catalogue: Catalogue = load(FILE);
    let verifier = catalogue.verifier();
    for case in catalogue
        .cases
        .iter()
        .filter(|case| case.id != "shape/the-access-token")
    {
        assert!(
            verifier.verifier().verify(&case.token).is_err(),
            "{}",
            case.id
        );
    }
}

#[test]
fn the_proof_file_is_what_the_generator_writes() {
    assert_eq!(load::<Catalogue>(FILE), generate::catalogue());
}

#[test]
#[ignore = "writes the file"]
fn write_proofs() {
    save(FILE, &generate::catalogue());
}
