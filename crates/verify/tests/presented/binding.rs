mod generate;

use base64_simd::URL_SAFE_NO_PAD;
use keywright_verify::{
    BoundVerifier, Dpop, JwkSet, KeySlot, Possession, Presented, ProofOf, Verifier,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Case, judge, load, save};

const FILE: &str = "binding.json";

/// What binding.json holds. Each case is a token in the same request, to a service that takes bound tokens only.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    now: i64,
    issuer: String,
    audience: String,
    key_set: Value,
    method: String,
    url: String,
    cases: Vec<Binding>,
}

/// A token and what it is presented with.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Binding {
    #[serde(flatten)]
    case: Case,
    /// The DPoP proof of the request, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    /// The certificate of the connection in DER, base64url, if the client has shown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
}

impl Catalogue {
    /// A verifier that remembers no proof yet.
    fn verifier(&self) -> BoundVerifier {
        let keys = JwkSet::parse(self.key_set.to_string().as_bytes()).unwrap();
        let now = self.now;
        Verifier::builder(&self.issuer, KeySlot::new(keys).unwrap())
            .audience(&self.audience)
            .clock(move || now)
            .build_bound(Possession::new().dpop(Dpop::new()).only_bound())
            .unwrap()
    }

    fn answer(&self, binding: &Binding) -> String {
        let certificate = binding.certificate.as_ref();
        let certificate = certificate.map(|text| URL_SAFE_NO_PAD.decode_to_vec(text).unwrap());
        let dpop = binding.proof.as_ref().map(|proof| ProofOf {
            proof,
            method: &self.method,
            url: &self.url,
        });
        let presented = Presented {
            dpop,
            certificate: certificate.as_deref(),
        };
        let outcome = self.verifier().verify(&binding.case.token, &presented);
        let answer = outcome.err().map_or("accepted", |refusal| refusal.code());
        answer.to_owned()
    }
}

#[test]
fn each_token_is_accepted_with_what_it_is_bound_to_and_nothing_else() {
    let catalogue: Catalogue = load(FILE);
    let cases: Vec<_> = catalogue
        .cases
        .iter()
        .map(|binding| binding.case.clone())
        .collect();
    judge(&cases, |case| {
        let mut bindings = catalogue.cases.iter();
        let binding = bindings.find(|binding| binding.case.id == case.id);
        catalogue.answer(binding.unwrap())
    });
}

#[test]
fn the_binding_file_is_what_the_generator_writes() {
    assert_eq!(load::<Catalogue>(FILE), generate::catalogue());
}

#[test]
#[ignore = "writes the file"]
fn write_bindings() {
    save(FILE, &generate::catalogue());
}
