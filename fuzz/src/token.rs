use super::issuer::judge;
use keywright_jwt::{Compact, decode_unverified};

/// Any text as a token.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let accepted = judge(text);
    if let Ok(compact) = Compact::split(text) {
        check_split(text, &compact);
    }
    // Reading for display is lenient, but what is verified can be displayed.
    let shown = decode_unverified(text);
    assert!(accepted.is_err() || shown.is_ok());
    accepted.is_ok()
}

/// The parts are the token, and a known header finds the same ones.
fn check_split(text: &str, compact: &Compact<'_>) {
    let (header, payload, signature) = (compact.header(), compact.payload(), compact.signature());
    assert_eq!(format!("{header}.{payload}.{signature}"), text);
    assert_eq!(
        compact.signing_input().len(),
        header.len() + 1 + payload.len()
    );
    let Ok(decoded) = compact.decode_signature() else {
        return;
    };
    let known = Compact::split_known(text, header, decoded.as_bytes().len());
    let known = known.expect("the header and the length are the token's own");
    assert_eq!((known.payload(), known.signature()), (payload, signature));
}
