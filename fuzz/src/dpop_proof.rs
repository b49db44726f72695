use keywright_jwt::{Header, Jwk, ProofHeader};
use serde_json::Value;

/// Any bytes as the header of a DPoP proof, the one kind of token that brings its own key.
pub fn run(data: &[u8]) -> bool {
    let Ok(proof) = ProofHeader::parse(data) else {
        return false;
    };
    assert!(
        Header::parse(data).is_err(),
        "what brings a key is no access token"
    );
    let header: Value = serde_json::from_slice(data).expect("an accepted header is JSON");
    let jwk =
        Jwk::parse(header["jwk"].to_string().as_bytes()).expect("the key stands in the header");
    assert_eq!(jwk.thumbprint(), proof.jwk.thumbprint());
    assert_eq!(header["typ"].as_str(), proof.header.typ.as_deref());
    true
}
