//! A public key is known to everybody; whoever takes it as an HMAC secret lets everybody sign.

use base64_simd::STANDARD;

use super::Family;
use crate::catalogue::Case;
use crate::forge::{claims, header, quote, token};
use crate::keys::{Signer, pem, public};

const SOURCE: &str = "CVE-2015-9235, CVE-2016-10555, CVE-2017-11424, CVE-2022-29217, CVE-2023-48223, CVE-2024-37568, RFC 8725 §2.1";

pub fn write(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "public-key-as-secret").why(
        SOURCE,
        "the key decides that it is no HMAC secret, in whatever form somebody may have read it",
    );
    for (name, real) in [
        ("rs256-1", "RS256"),
        ("es256-1", "ES256"),
        ("ed25519-1", "EdDSA"),
    ] {
        for (form, secret) in forms(name) {
            let forged = |algorithm| {
                let json = header(real).with("alg", &quote(algorithm)).json();
                token(json, claims().json(), &Signer::hmac(algorithm, &secret))
            };
            family.refuse(
                format!("{real} key as {form}"),
                "wrong_algorithm",
                forged("HS256"),
            );
            if form == "SPKI PEM" || form == "SPKI DER" {
                family.refuse(
                    format!("{real} key as {form}, HS384"),
                    "wrong_algorithm",
                    forged("HS384"),
                );
                family.refuse(
                    format!("{real} key as {form}, HS512"),
                    "wrong_algorithm",
                    forged("HS512"),
                );
            }
        }
        let nameless = header(real).with("alg", r#""HS256""#).without("kid").json();
        let secret = pem("PUBLIC KEY", &public(name).spki, "\n").into_bytes();
        family.refuse(
            format!("{real} key, token without kid"),
            "wrong_algorithm",
            token(nameless, claims().json(), &Signer::hmac("HS256", &secret)),
        );
    }
}

fn forms(name: &str) -> Vec<(&'static str, Vec<u8>)> {
    let key = public(name);
    let text = pem("PUBLIC KEY", &key.spki, "\n");
    let mut forms = vec![
        ("SPKI PEM", text.clone().into_bytes()),
        (
            "PEM without the last line end",
            text.trim_end().as_bytes().to_vec(),
        ),
        ("PEM with a blank in front", format!(" {text}").into_bytes()),
        ("PEM with a line in front", format!("\n{text}").into_bytes()),
        (
            "PEM with a byte order mark",
            format!("\u{feff}{text}").into_bytes(),
        ),
        (
            "PEM with CRLF",
            pem("PUBLIC KEY", &key.spki, "\r\n").into_bytes(),
        ),
        ("PEM in one line", text.replace('\n', "").into_bytes()),
        (
            "PEM with escaped line ends",
            text.replace('\n', "\\n").into_bytes(),
        ),
        (
            "the base64 inside the PEM",
            STANDARD.encode_to_string(&key.spki).into_bytes(),
        ),
        ("SPKI DER", key.spki.clone()),
        ("raw bytes", key.raw.clone()),
        ("JWK text", key.jwk.clone().into_bytes()),
        (
            "JWK set text",
            format!(r#"{{"keys":[{}]}}"#, key.jwk).into_bytes(),
        ),
        ("SSH text", ssh(name, &key.raw).into_bytes()),
    ];
    if name.starts_with("rs") {
        forms.push((
            "PKCS1 PEM",
            pem("RSA PUBLIC KEY", &key.raw, "\n").into_bytes(),
        ));
        forms.push((
            "PKCS1 PEM with CRLF",
            pem("RSA PUBLIC KEY", &key.raw, "\r\n").into_bytes(),
        ));
        forms.push((
            "certificate PEM",
            pem("CERTIFICATE", &key.spki, "\n").into_bytes(),
        ));
    }
    forms
}

/// The line of an authorized_keys file (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4).
fn ssh(name: &str, raw: &[u8]) -> String {
    let field = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let (kind, body) = if name.starts_with("ed25519") {
        ("ssh-ed25519", field(raw))
    } else if name.starts_with("es256") {
        (
            "ecdsa-sha2-nistp256",
            [field(b"nistp256"), field(raw)].concat(),
        )
    } else {
        let modulus = [&[0], &crate::keys::modulus(name)[..]].concat();
        ("ssh-rsa", [field(&[1, 0, 1]), field(&modulus)].concat())
    };
    let blob = [field(kind.as_bytes()), body].concat();
    format!("{kind} {}", STANDARD.encode_to_string(blob))
}
