use keywright_jwt::{Algorithm, SigningKey};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use serde_json::json;

use super::*;

fn certificate(params: CertificateParams, key: &KeyPair) -> ClientCertificate {
    let made = params.self_signed(key).unwrap();
    ClientCertificate::from_der(made.der()).unwrap()
}

fn named(types: &[(DnType, &str)]) -> ClientCertificate {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in types {
        params.distinguished_name.push(kind.clone(), *value);
    }
    certificate(params, &KeyPair::generate().unwrap())
}

fn bears(certificate: &ClientCertificate, member: &str, value: &str) -> bool {
    let registration: Registration = serde_json::from_value(json!({ member: value })).unwrap();
    let subject = registration.certificate_subject().expect(value);
    certificate.bears(&subject)
}

#[test]
fn a_certificate_has_the_key_that_was_certified() {
    for algorithm in [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
        Algorithm::Rs256,
    ] {
        let (key, private) = SigningKey::generate(algorithm).unwrap();
        let pair = KeyPair::try_from(private.as_bytes()).unwrap();
        let shown = certificate(CertificateParams::default(), &pair);
        let thumbprint = shown.key().map(|key| key.thumbprint());
        let own = key.public_jwk().map(|key| key.thumbprint());
        assert_eq!(thumbprint, own, "{algorithm}");
    }
}

#[test]
fn the_thumbprint_is_of_the_whole_certificate() {
    let shown = named(&[(DnType::CommonName, "shop")]);
    let hash = digest::digest(&digest::SHA256, shown.as_der());
    let expected = URL_SAFE_NO_PAD.encode_to_string(hash.as_ref());
    assert_eq!(shown.thumbprint(), expected);
    let mut longer = shown.as_der().to_vec();
    longer.push(0);
    for rubbish in [&longer[..], &longer[..40], b"", b"rubbish"] {
        let refused = ClientCertificate::from_der(rubbish);
        assert_eq!(refused, Err(MalformedCertificate));
    }
}

#[test]
fn a_subject_is_the_registered_one_as_a_whole_and_to_the_letter() {
    let shown = named(&[
        (DnType::CountryName, "NL"),
        (DnType::OrganizationName, "Example, Inc."),
        (DnType::CommonName, "shop"),
    ]);
    for (name, is_same) in [
        (r"CN=shop,O=Example\, Inc.,C=NL", true),
        (r"cn=shop, o=Example\2C Inc., c=NL", true),
        (r"2.5.4.3=shop,O=Example\, Inc.,C=NL", true),
        (r"C=NL,O=Example\, Inc.,CN=shop", false),
        (r"CN=shop,O=Example\, Inc.", false),
        ("CN=shop", false),
        (r"CN=Shop,O=Example\, Inc.,C=NL", false),
        (r"CN=shop,O=Example\, Inc.,OU=x,C=NL", false),
        (r"CN=shop+O=Example\, Inc.,C=NL", false),
    ] {
        let says = bears(&shown, "tls_client_auth_subject_dn", name);
        assert_eq!(says, is_same, "{name}");
    }
    // A comma inside of a value makes no second attribute.
    let posing = named(&[(DnType::CommonName, "shop,O=Example")]);
    let dn = "tls_client_auth_subject_dn";
    assert!(!bears(&posing, dn, "CN=shop,O=Example"));
}

#[test]
fn an_alternative_name_counts_as_what_it_is() {
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![
        SanType::DnsName("shop.example".try_into().unwrap()),
        SanType::DnsName("*.wild.example".try_into().unwrap()),
        SanType::URI("spiffe://example/shop".try_into().unwrap()),
        SanType::Rfc822Name("ops@shop.example".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
    ];
    let shown = certificate(params, &KeyPair::generate().unwrap());
    for (kind, name, is_borne) in [
        ("dns", "shop.example", true),
        ("dns", "SHOP.example", true),
        ("dns", "other.example", false),
        ("dns", "a.wild.example", false),
        ("dns", "spiffe://example/shop", false),
        ("uri", "spiffe://example/shop", true),
        ("uri", "spiffe://example/SHOP", false),
        ("email", "ops@shop.example", true),
        ("email", "shop.example", false),
        ("ip", "192.0.2.7", true),
        ("ip", "2001:0db8:0::7", true),
        ("ip", "192.0.2.8", false),
    ] {
        let member = format!("tls_client_auth_san_{kind}");
        assert_eq!(bears(&shown, &member, name), is_borne, "{kind} {name}");
    }
    let bare = named(&[(DnType::CommonName, "shop.example")]);
    assert!(!bears(&bare, "tls_client_auth_san_dns", "shop.example"));
}

#[test]
fn a_certificate_that_was_cut_or_altered_is_no_panic() {
    let mut params = CertificateParams::new(["shop.example".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "shop");
    let shown = certificate(params, &KeyPair::generate().unwrap());
    let dns = CertificateSubject::Dns("shop.example");
    assert!(shown.bears(&dns));
    for end in 0..shown.as_der().len() {
        let cut = ClientCertificate::from_der(&shown.as_der()[..end]);
        assert_eq!(cut, Err(MalformedCertificate), "{end}");
    }
    for at in 0..shown.as_der().len() {
        let mut altered = shown.as_der().to_vec();
        altered[at] ^= 0x81;
        if let Ok(altered) = ClientCertificate::from_der(&altered) {
            assert_ne!(altered.thumbprint(), shown.thumbprint());
            let _ = (altered.key(), altered.bears(&dns));
        }
    }
}
