//! What a sealed secret is called; the name is bound to it. Signing keys and server secrets have disjoint names: neither can be opened as
//! the other.

use std::fmt;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::CustodyError;
use keywright_jwt::Algorithm;

pub(crate) fn signing_label(algorithm: Algorithm, kid: &str) -> String {
    format!("signing key {algorithm} {kid}")
}

pub(crate) fn label_of(record: &KeyRecord) -> String {
    signing_label(record.ring.algorithm, &record.kid)
}

pub(crate) fn server_label(label: &str) -> String {
    format!("server key {label}")
}

/// What a tag covers besides the secret. A kind of header has a fixed length, so no two pairs give the same bytes.
pub(crate) fn bound<const N: usize>(header: &[u8; N], label: &str) -> Vec<u8> {
    [header.as_slice(), label.as_bytes()].concat()
}

pub(crate) fn bad(label: &str, detail: impl fmt::Display) -> CustodyError {
    CustodyError::BadKey {
        label: label.to_owned(),
        detail: detail.to_string(),
    }
}
