//! What of its metadata a client that registers itself gets, decided without asking anybody: a pure function of what it says, of the
//! operator's policy and of the APIs.

mod certificates;

use std::collections::{BTreeMap, BTreeSet};

use keywright_jwt::Algorithm;
use serde_json::Value;

use super::ClientMetadata;
use crate::access::{Audience, Catalog, DetailTypeName, OPENID_SCOPES, ScopeSet};
use crate::client::{
    AuthMethod, ClientCertificates, ClientKind, Grant, MalformedRedirectUri, RedirectUri,
    Registration, SubjectType, origin,
};
use crate::policy::SelfRegistration;
use crate::ports::CustodyError;

const MOST_URIS: usize = 20;
const LONGEST_URI: usize = 2_048;
const LONGEST_NAME: usize = 100;

/// In the terms of RFC 7591 §3.2.2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRefused {
    #[error(transparent)]
    RedirectUri(#[from] MalformedRedirectUri),
    /// A client of the code flow without an address to answer to, or with more than anybody needs.
    #[error("between one and 20 redirect URIs are expected")]
    RedirectUris,
    #[error("`{0}` is not acceptable: {1}")]
    Member(&'static str, &'static str),
    /// Nobody's statements are trusted here.
    #[error("software statements are not accepted")]
    SoftwareStatement,
    /// What it wants its answers signed with.
    #[error(transparent)]
    Algorithm(CustodyError),
}

/// What a client will be, but for its name and its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    pub name: String,
    pub kind: ClientKind,
    pub grants: BTreeSet<Grant>,
    pub allowed: BTreeMap<Audience, ScopeSet>,
    pub default_audience: Option<Audience>,
    pub registration: Registration,
}

type Admission<T> = Result<T, MetadataRefused>;

impl ClientMetadata {
    pub(super) fn admit(
        &self,
        policy: &SelfRegistration,
        certificates: ClientCertificates,
        catalog: &Catalog,
    ) -> Admission<Admitted> {
        if self.software_statement.is_some() {
            return Err(MetadataRefused::SoftwareStatement);
        }
        let method = self.method(certificates)?;
        let scope = self.wanted_scope()?;
        let allowed = allowed(policy, catalog, scope.as_ref());
        let mut audiences = allowed.keys();
        let default_audience = match (audiences.next(), audiences.next()) {
            (Some(only), None) => Some(only.clone()),
            (Some(_), Some(_)) | (None, _) => None,
        };
        let registration = Registration {
            authorization_details_types: self.detail_types(policy, catalog),
            ..self.registration(method, scope.as_ref())?
        };
        Ok(Admitted {
            name: self.name()?,
            kind: match method {
                AuthMethod::None => ClientKind::Public,
                AuthMethod::ClientSecretBasic
                | AuthMethod::ClientSecretPost
                | AuthMethod::ClientSecretJwt
                | AuthMethod::PrivateKeyJwt
                | AuthMethod::TlsClientAuth
                | AuthMethod::SelfSignedTlsClientAuth => ClientKind::Confidential,
            },
            grants: self.grants()?,
            allowed,
            default_audience,
            registration: self.with_certificates(registration, certificates)?,
        })
    }

    fn registration(
        &self,
        method: AuthMethod,
        scope: Option<&ScopeSet>,
    ) -> Admission<Registration> {
        let (jwks, jwks_uri) = self.keys(method)?;
        Ok(Registration {
            redirect_uris: self.redirect_uris()?,
            post_logout_redirect_uris: uris(self.post_logout_redirect_uris.as_deref())?,
            // Who names none sends its secret in Basic or in the form, as libraries please.
            token_endpoint_auth_method: self.token_endpoint_auth_method.as_ref().map(|_| method),
            jwks,
            jwks_uri,
            openid_scope: openid_scope(scope),
            id_token_signed_response_alg: algorithm(
                "id_token_signed_response_alg",
                self.id_token_signed_response_alg.as_deref(),
            )?,
            userinfo_signed_response_alg: algorithm(
                "userinfo_signed_response_alg",
                self.userinfo_signed_response_alg.as_deref(),
            )?,
            authorization_signed_response_alg: algorithm(
                "authorization_signed_response_alg",
                self.authorization_signed_response_alg.as_deref(),
            )?,
            subject_type: self.subject_type()?,
            sector_identifier_uri: page(
                "sector_identifier_uri",
                self.sector_identifier_uri.as_deref(),
            )?,
            require_pushed_authorization_requests: self
                .require_pushed_authorization_requests
                .unwrap_or_default(),
            dpop_bound_access_tokens: self.dpop_bound_access_tokens.unwrap_or_default(),
            backchannel_logout_uri: page(
                "backchannel_logout_uri",
                self.backchannel_logout_uri.as_deref(),
            )?,
            backchannel_logout_session_required: self
                .backchannel_logout_session_required
                .unwrap_or_default(),
            frontchannel_logout_uri: self.frontchannel_logout_uri()?,
            frontchannel_logout_session_required: self
                .frontchannel_logout_session_required
                .unwrap_or_default(),
            client_uri: page("client_uri", self.client_uri.as_deref())?,
            logo_uri: page("logo_uri", self.logo_uri.as_deref())?,
            policy_uri: page("policy_uri", self.policy_uri.as_deref())?,
            tos_uri: page("tos_uri", self.tos_uri.as_deref())?,
            ..Registration::default()
        })
    }

    /// People read it on the consent page: it must not look like anything but a name.
    fn name(&self) -> Admission<String> {
        let name = self.client_name.as_deref().unwrap_or_default().trim();
        let is_odd = |c: char| c.is_control() || is_invisible(c);
        if name.chars().count() > LONGEST_NAME || name.chars().any(is_odd) {
            let says = "expected at most 100 visible characters";
            return Err(MetadataRefused::Member("client_name", says));
        }
        Ok(if name.is_empty() {
            "an application without a name"
        } else {
            name
        }
        .to_owned())
    }

    fn method(&self, certificates: ClientCertificates) -> Admission<AuthMethod> {
        let named = self.token_endpoint_auth_method.as_deref();
        let offered = [
            AuthMethod::ClientSecretBasic,
            AuthMethod::ClientSecretPost,
            AuthMethod::ClientSecretJwt,
            AuthMethod::PrivateKeyJwt,
            AuthMethod::None,
        ];
        let by_certificate = certificates.methods().iter().copied();
        offered
            .into_iter()
            .chain(by_certificate)
            // RFC 7591 §2: client_secret_basic unless said.
            .find(|method| method.as_str() == named.unwrap_or("client_secret_basic"))
            .ok_or(MetadataRefused::Member(
                "token_endpoint_auth_method",
                "expected one of token_endpoint_auth_methods_supported",
            ))
    }

    /// A grant that no stranger gets is left out, and the answer says which were left (RFC 7591 §3.2.1): applications ask for whatever
    /// they may ever use.
    fn grants(&self) -> Admission<BTreeSet<Grant>> {
        let code = Grant::AuthorizationCode;
        let asks = |grant: Grant| match &self.grant_types {
            None => grant == code,
            Some(wanted) => wanted.iter().any(|name| name == grant.as_str()),
        };
        if !asks(code) {
            let says = "authorization_code is what an application gets here";
            return Err(MetadataRefused::Member("grant_types", says));
        }
        let types = self.response_types.as_deref();
        if types.is_some_and(|types| !types.iter().any(|name| name == "code")) {
            let says = "expected code, which belongs to authorization_code";
            return Err(MetadataRefused::Member("response_types", says));
        }
        Ok([code, Grant::RefreshToken]
            .into_iter()
            .filter(|grant| asks(*grant))
            .collect())
    }

    fn redirect_uris(&self) -> Admission<Vec<RedirectUri>> {
        let uris = uris(self.redirect_uris.as_deref())?;
        if uris.is_empty() || uris.len() > MOST_URIS {
            return Err(MetadataRefused::RedirectUris);
        }
        Ok(uris)
    }

    /// A page of ours loads it, so it must be the client's own (Front-Channel Logout §2).
    fn frontchannel_logout_uri(&self) -> Admission<Option<String>> {
        let member = "frontchannel_logout_uri";
        let uri = page(member, self.frontchannel_logout_uri.as_deref())?;
        let mut own = self.redirect_uris.iter().flatten();
        match &uri {
            Some(uri) if !own.any(|own| origin(own) == origin(uri)) => {
                let says = "expected scheme, host and port of one of the redirect_uris";
                Err(MetadataRefused::Member(member, says))
            }
            Some(_) | None => Ok(uri),
        }
    }

    /// requested ∩ open to strangers ∩ known to an API (RFC 9396 §10). Who asks for none has none: such a client knows nothing of them.
    fn detail_types(
        &self,
        policy: &SelfRegistration,
        catalog: &Catalog,
    ) -> BTreeSet<DetailTypeName> {
        let known = catalog.detail_types();
        let wanted = self.authorization_details_types.iter().flatten();
        let named = wanted.filter_map(|name| name.parse().ok());
        named
            .filter(|name| policy.detail_types.contains(name) && known.contains(name))
            .collect()
    }

    fn wanted_scope(&self) -> Admission<Option<ScopeSet>> {
        let scope = self.scope.as_deref().map(str::parse).transpose();
        scope.map_err(|_| MetadataRefused::Member("scope", "expected words separated by spaces"))
    }

    /// RFC 7591 §2: by value or by address, never both.
    fn keys(&self, method: AuthMethod) -> Admission<(Option<Value>, Option<String>)> {
        let uri = page("jwks_uri", self.jwks_uri.as_deref())?;
        let refused = |says| Err(MetadataRefused::Member("jwks", says));
        if let Some(jwks) = &self.jwks {
            if uri.is_some() {
                return refused("jwks and jwks_uri are alternatives");
            }
            if !is_public_set(jwks) {
                return refused("expected a JWK Set of public keys");
            }
        }
        let by_key = matches!(
            method,
            AuthMethod::PrivateKeyJwt | AuthMethod::SelfSignedTlsClientAuth
        );
        if by_key && self.jwks.is_none() && uri.is_none() {
            return refused("the method needs jwks or jwks_uri");
        }
        Ok((self.jwks.clone(), uri))
    }

    /// OpenID Connect Core §8.1: a pairwise subject is made for a sector, which is a host that all redirect URIs share, or that lists them
    /// (`Issuer::check_sector`).
    fn subject_type(&self) -> Admission<SubjectType> {
        let hosts: BTreeSet<_> = self
            .redirect_uris
            .iter()
            .flatten()
            .map(|uri| host(uri))
            .collect();
        match self.subject_type.unwrap_or_default() {
            SubjectType::Pairwise if hosts.len() > 1 && self.sector_identifier_uri.is_none() => {
                let says = "the redirect URIs of a pairwise client share one host";
                Err(MetadataRefused::Member("subject_type", says))
            }
            asked @ (SubjectType::Public | SubjectType::Pairwise) => Ok(asked),
        }
    }
}

/// requested ∩ open to strangers ∩ known to the API, for each API that the operator names.
fn allowed(
    policy: &SelfRegistration,
    catalog: &Catalog,
    wanted: Option<&ScopeSet>,
) -> BTreeMap<Audience, ScopeSet> {
    let open = policy
        .open_to_strangers
        .iter()
        .filter_map(|(audience, scopes)| {
            let known = catalog.apis.get(audience)?.scope_set();
            let open = scopes.intersection(&known);
            let granted = wanted.map_or(open.clone(), |wanted| open.intersection(wanted));
            Some((audience.clone(), granted))
        });
    open.collect()
}

fn openid_scope(wanted: Option<&ScopeSet>) -> ScopeSet {
    let every: ScopeSet = OPENID_SCOPES.join(" ").parse().unwrap_or_default();
    wanted.map_or(every.clone(), |wanted| every.intersection(wanted))
}

fn uris(texts: Option<&[String]>) -> Admission<Vec<RedirectUri>> {
    let uris: Result<Vec<RedirectUri>, _> = texts
        .unwrap_or_default()
        .iter()
        .map(|uri| uri.parse())
        .collect();
    Ok(uris?)
}

/// An https URL: anything else on a page that people read is a way to run something.
fn page(member: &'static str, text: Option<&str>) -> Admission<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let is_page = text.len() <= LONGEST_URI
        && text.starts_with("https://")
        && text.parse::<RedirectUri>().is_ok();
    if is_page {
        Ok(Some(text.to_owned()))
    } else {
        let says = "expected an https URL without fragment and user info";
        Err(MetadataRefused::Member(member, says))
    }
}

/// Verified with public keys: a symmetric one would be the client's secret, of which mostly the hash alone is kept.
fn algorithm(member: &'static str, named: Option<&str>) -> Admission<Option<Algorithm>> {
    let Some(named) = named else { return Ok(None) };
    let found = named
        .parse::<Algorithm>()
        .ok()
        .filter(|algorithm| !algorithm.is_symmetric());
    let says = "expected ES256, ES384, EdDSA, PS256 or RS256";
    found.map(Some).ok_or(MetadataRefused::Member(member, says))
}

fn is_public_set(jwks: &Value) -> bool {
    let is_public = |key: &Value| {
        key.as_object().is_some_and(|members| {
            // RFC 7518 §6: `d` is the private half of any key pair, `k` a symmetric key.
            !members.contains_key("d") && !members.contains_key("k")
        })
    };
    let keys = jwks.get("keys").and_then(Value::as_array);
    keys.is_some_and(|keys| !keys.is_empty() && keys.iter().all(is_public))
        && keywright_jwt::JwkSet::parse(jwks.to_string().as_bytes()).is_ok()
}

fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?', ':']).next().unwrap_or_default()
}

/// Characters that turn or hide the text around them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
