//! A client that proves itself by the certificate of its connection (RFC 8705 §2).

use crate::Issuer;
use crate::client::key_set::PublishedKeys;
use crate::client::{
    AuthMethod, Client, ClientCertificate, ClientRefused, KeysUnknown, PresentedClient,
};
use crate::token::{Binding, ProvedKey};

#[derive(Debug, thiserror::Error)]
pub enum CertificateRefused {
    #[error("it is not of a key that is registered for the client")]
    UnknownKey,
    #[error("no authority that is trusted has issued it, and the client is known by a name in it")]
    NoTrustedChain,
    #[error("it does not bear the name that is registered for the client")]
    OtherName,
    #[error("certificates of this kind do not arrive here any more")]
    NotTaken,
    #[error(transparent)]
    Keys(#[from] KeysUnknown),
}

impl Issuer {
    pub(super) async fn check_certificate(
        &self,
        client: &Client,
        method: AuthMethod,
        certificate: &ClientCertificate,
    ) -> Result<(), CertificateRefused> {
        // A name is somebody's word, and the operator may have stopped having it checked since the client was registered.
        if !self
            .policy()
            .client_certificates
            .methods()
            .contains(&method)
        {
            return Err(CertificateRefused::NotTaken);
        }
        if method == AuthMethod::SelfSignedTlsClientAuth {
            return self.check_certificate_key(client, certificate).await;
        }
        if !certificate.has_trusted_chain() {
            return Err(CertificateRefused::NoTrustedChain);
        }
        let subject = client.registration.certificate_subject();
        let is_named = subject.is_some_and(|subject| certificate.bears(&subject));
        is_named.then_some(()).ok_or(CertificateRefused::OtherName)
    }

    /// RFC 8705 §2.2 has certificates registered as `x5c`, whose first one is of the JWK's own key (RFC 7517 §4.7): so the keys are compared,
    /// and a certificate that is renewed for the same key needs no new registration.
    async fn check_certificate_key(
        &self,
        client: &Client,
        certificate: &ClientCertificate,
    ) -> Result<(), CertificateRefused> {
        let key = certificate.key().ok_or(CertificateRefused::UnknownKey)?;
        let thumbprint = key.thumbprint();
        let published = PublishedKeys::of(client)?;
        let is_known = |keys: &keywright_jwt::JwkSet| {
            let mut keys = keys.keys.iter();
            keys.any(|known| known.thumbprint() == thumbprint)
        };
        if is_known(&*self.keys_of(&published).await?)
            || is_known(&*self.newer_keys_of(&published).await?)
        {
            return Ok(());
        }
        Err(CertificateRefused::UnknownKey)
    }
}

impl Client {
    /// What the client's tokens are bound to, given what its request proves. Some clients are never given a bearer token (RFC 9449 §5.2,
    /// RFC 8705 §3.4; FAPI 2.0 §5.3.2.1 takes either).
    pub(crate) fn binding(
        &self,
        proof_key: Option<ProvedKey>,
        presented: &PresentedClient,
    ) -> Result<Option<Binding>, ClientRefused> {
        self.check_proof(proof_key.as_ref())?;
        let registered = &self.registration;
        let certificate = presented.certificate.as_ref();
        let certificate = certificate.map(|shown| Binding::Certificate(shown.thumbprint()));
        if registered.tls_client_certificate_bound_access_tokens {
            return match certificate {
                Some(binding) => Ok(Some(binding)),
                None => Err(ClientRefused::CertificateMissing),
            };
        }
        let by_proof = proof_key.map(Binding::from);
        let binding = by_proof.or(certificate.filter(|_| registered.fapi));
        if registered.must_bind_tokens() && binding.is_none() {
            return Err(ClientRefused::KeyNotProved);
        }
        Ok(binding)
    }

    /// FAPI 2.0 §5.4.1 narrows what a client may sign with, its DPoP proofs included.
    pub(crate) fn check_proof(&self, key: Option<&ProvedKey>) -> Result<(), ClientRefused> {
        match key.map(|key| key.algorithm) {
            Some(algorithm) if !self.registration.may_sign_with(algorithm) => {
                Err(ClientRefused::ProofAlgorithm(algorithm))
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use keywright_jwt::Algorithm;
    use serde_json::{Value, json};

    use super::*;
    use crate::client::{ClientProof, fixtures};

    fn client(members: Value) -> Client {
        Client {
            registration: serde_json::from_value(members).unwrap(),
            ..fixtures::client("shop")
        }
    }

    fn presented(certificate: Option<ClientCertificate>) -> PresentedClient {
        PresentedClient {
            id: "shop".parse().unwrap(),
            proof: ClientProof::None,
            certificate,
        }
    }

    fn shown() -> ClientCertificate {
        let made = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
        ClientCertificate::from_der(made.cert.der()).unwrap()
    }

    #[test]
    fn a_token_is_bound_to_what_the_registration_says() {
        let to_certificate = json!({"tls_client_certificate_bound_access_tokens": true});
        let to_key = json!({"dpop_bound_access_tokens": true});
        let fapi = json!({"fapi": true});
        let (key, certificate) = (Ok("key"), Ok("certificate"));
        for (members, proves_key, shows, expected) in [
            (json!({}), false, false, Ok("nothing")),
            (json!({}), false, true, Ok("nothing")),
            (json!({}), true, true, key),
            (to_key.clone(), true, true, key),
            (to_key.clone(), false, true, Err("key")),
            (to_key, false, false, Err("key")),
            (to_certificate.clone(), false, true, certificate),
            (to_certificate.clone(), true, true, certificate),
            (to_certificate.clone(), true, false, Err("certificate")),
            (to_certificate, false, false, Err("certificate")),
            (fapi.clone(), true, true, key),
            (fapi.clone(), false, true, certificate),
            (fapi, false, false, Err("key")),
        ] {
            let proof_key = proves_key.then(|| proved_by(Algorithm::Es256));
            let presented = presented(shows.then(shown));
            let bound = match client(members.clone()).binding(proof_key, &presented) {
                Ok(None) => Ok("nothing"),
                Ok(Some(Binding::Dpop(_))) => Ok("key"),
                Ok(Some(Binding::Certificate(_))) => Ok("certificate"),
                Err(ClientRefused::KeyNotProved) => Err("key"),
                Err(ClientRefused::CertificateMissing) => Err("certificate"),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(bound, expected, "{members} {proves_key} {shows}");
        }
    }

    fn proved_by(algorithm: Algorithm) -> ProvedKey {
        ProvedKey {
            thumbprint: "thumbprint".to_owned(),
            algorithm,
        }
    }

    #[test]
    fn a_client_of_the_fapi_profile_proves_its_key_by_one_of_three_algorithms() {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Rs256};
        for (algorithm, fits) in [
            (Ps256, true),
            (Es256, true),
            (EdDsa, true),
            (Rs256, false),
            (Es384, false),
        ] {
            for (fapi, outcome) in [(true, fits), (false, true)] {
                let key = Some(proved_by(algorithm));
                let bound = client(json!({ "fapi": fapi })).binding(key, &presented(None));
                assert_eq!(bound.is_ok(), outcome, "{algorithm} {fapi}");
            }
        }
    }

    #[test]
    fn a_certificate_proves_only_a_client_that_is_registered_for_it() {
        let by_certificate = json!({
            "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "shop.example",
        });
        for (members, shows, method) in [
            (by_certificate.clone(), true, AuthMethod::TlsClientAuth),
            (by_certificate, false, AuthMethod::None),
            (json!({}), true, AuthMethod::None),
            (
                json!({"token_endpoint_auth_method": "private_key_jwt"}),
                true,
                AuthMethod::None,
            ),
        ] {
            let (client, presented) = (client(members), presented(shows.then(shown)));
            assert_eq!(presented.method(&client), method);
            let lets_in = client.proves_itself_by(method);
            assert_eq!(lets_in, method != AuthMethod::None);
        }
    }
}
