use keywright_jwt::{JwkSet, VerifyingKey};
use keywright_verify::KeySlot;
use serde_json::Value;

/// Any bytes as a published key set.
pub fn run(data: &[u8]) -> bool {
    let Ok(set) = JwkSet::parse(data) else {
        return false;
    };
    let document: Value = serde_json::from_slice(data).expect("an accepted set is JSON");
    assert!(
        document["keys"]
            .as_array()
            .is_some_and(|keys| keys.len() >= set.keys.len())
    );
    let written = set.to_json();
    assert_eq!(
        JwkSet::parse(written.as_bytes()).as_ref(),
        Ok(&set),
        "a set that is written and read is the same"
    );
    assert!(
        !["\"d\":", "\"p\":", "\"k\":"]
            .iter()
            .any(|private| written.contains(private)),
        "{written}"
    );
    for key in &set.keys {
        assert_eq!(key.thumbprint().len(), 43);
        for algorithm in key.usable_algorithms() {
            assert!(!algorithm.is_symmetric());
            // Nobody can have signed this with any key.
            if let Ok(key) = VerifyingKey::from_jwk(key, algorithm) {
                assert!(
                    key.verify(b"e30.e30", &vec![0; key.signature_len()])
                        .is_err()
                );
            }
        }
    }
    drop(KeySlot::new(set));
    true
}
