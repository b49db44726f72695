//! What a client that registers itself says of its certificates (RFC 8705). A stranger may name whatever subject it likes: it then has to show
//! a certificate of that name.

use super::{Admission, MetadataRefused};
use crate::client::dynamic::ClientMetadata;
use crate::client::{AuthMethod, ClientCertificates, Registration};

impl ClientMetadata {
    pub(super) fn with_certificates(
        &self,
        registration: Registration,
        taken: ClientCertificates,
    ) -> Admission<Registration> {
        let binds = self.tls_client_certificate_bound_access_tokens;
        let registration = Registration {
            tls_client_auth_subject_dn: self.tls_client_auth_subject_dn.clone(),
            tls_client_auth_san_dns: self.tls_client_auth_san_dns.clone(),
            tls_client_auth_san_uri: self.tls_client_auth_san_uri.clone(),
            tls_client_auth_san_ip: self.tls_client_auth_san_ip.clone(),
            tls_client_auth_san_email: self.tls_client_auth_san_email.clone(),
            tls_client_certificate_bound_access_tokens: binds.unwrap_or_default(),
            ..registration
        };
        let by_name = registration.token_endpoint_auth_method == Some(AuthMethod::TlsClientAuth);
        if by_name && registration.certificate_subject().is_none() {
            let says = "tls_client_auth needs exactly one member that names its certificate";
            return Err(MetadataRefused::Member("tls_client_auth_subject_dn", says));
        }
        let refused = |says| {
            let member = "tls_client_certificate_bound_access_tokens";
            Err(MetadataRefused::Member(member, says))
        };
        if registration.tls_client_certificate_bound_access_tokens {
            if !taken.are_taken() {
                return refused("certificates of clients do not arrive here");
            }
            if registration.dpop_bound_access_tokens {
                return refused("dpop_bound_access_tokens excludes it");
            }
        }
        Ok(registration)
    }
}
