use super::*;

fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn error(certificates: &str, key: &str) -> TlsError {
    TlsHandle::from_pem(certificates.as_bytes(), key.as_bytes(), AskClients::No).unwrap_err()
}

#[test]
fn each_way_to_be_unusable_has_its_own_error() {
    let (cert, key) = pair();
    let (_, other_key) = pair();
    assert!(matches!(error("", &key), TlsError::NoCertificate));
    assert!(matches!(error("not PEM", &key), TlsError::NoCertificate));
    assert!(
        matches!(error(&key, &key), TlsError::NoCertificate),
        "a key in place of the certificate"
    );
    assert!(matches!(
        error(&cert.replace("-----END CERTIFICATE-----", ""), &key),
        TlsError::MalformedCertificate(_)
    ));
    assert!(matches!(error(&cert, ""), TlsError::NoKey));
    assert!(
        matches!(error(&cert, &cert), TlsError::NoKey),
        "a certificate in place of the key"
    );
    assert!(matches!(error(&cert, &other_key), TlsError::KeyMismatch));
    let garbled = "-----BEGIN PRIVATE KEY-----\nsecret!\n-----END PRIVATE KEY-----\n";
    let refused = error(&cert, garbled);
    assert!(matches!(refused, TlsError::MalformedKey));
    assert!(!format!("{refused} {refused:?}").contains("secret"));
}

#[test]
fn authorities_of_clients_are_certificates_and_there_is_one() {
    let (cert, key) = pair();
    let with_roots = |roots: &str| {
        let clients = AskClients::WithRoots(roots.as_bytes());
        TlsHandle::from_pem(cert.as_bytes(), key.as_bytes(), clients).map(drop)
    };
    assert!(with_roots(&cert).is_ok());
    for wrong in ["", "not PEM", &key] {
        assert!(matches!(with_roots(wrong), Err(TlsError::ClientRoots)));
    }
}

#[test]
fn a_pair_that_cannot_be_used_leaves_the_last_good_one() {
    let (cert, key) = pair();
    let handle = TlsHandle::from_pem(cert.as_bytes(), key.as_bytes(), AskClients::No).unwrap();
    let before = handle.current();
    let (new_cert, new_key) = pair();
    assert!(matches!(
        handle.replace(new_cert.as_bytes(), key.as_bytes(), AskClients::No),
        Err(TlsError::KeyMismatch)
    ));
    assert!(Arc::ptr_eq(&before, &handle.current()));
    handle
        .replace(new_cert.as_bytes(), new_key.as_bytes(), AskClients::No)
        .unwrap();
    assert!(!Arc::ptr_eq(&before, &handle.current()));
}
