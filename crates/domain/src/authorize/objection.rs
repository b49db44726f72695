//! Every reason for which a request is refused in the sight of its client: the answer goes back to it by redirect.

macro_rules! objections {
    ($($variant:ident = $error:literal $says:literal;)+) => {
        /// Several may share one `error` of the registry; the description tells them apart. Whom a request must not be redirected to is
        /// told an [`AuthorizeError`](super::AuthorizeError) instead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Objection { $(#[doc = $says] $variant),+ }

        impl Objection {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [Objection] = &[$(Objection::$variant),+];

            /// The registered `error` (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, RFC 9101 §7, RFC 8707 §2, RFC 9396 §5).
            pub const fn error(self) -> &'static str {
                match self { $(Objection::$variant => $error),+ }
            }

            /// The constant `error_description`; no character outside RFC 6749's set.
            pub const fn says(self) -> &'static str {
                match self { $(Objection::$variant => $says),+ }
            }
        }
    };
}

objections! {
    Repeated = "invalid_request" "a parameter is given more than once";
    ResponseTypeMissing = "invalid_request" "response_type is missing";
    ResponseTypeUnknown = "unsupported_response_type" "the one response_type here is code";
    ResponseModeUnknown = "invalid_request" "response_mode is none of query, fragment and form_post, plain or signed";
    ResponseModeUnsigned = "invalid_request" "the client is registered for no algorithm that responses could be signed with";
    RequestObject = "invalid_request_object" "the request object is not signed by a key of the client for this issuer, or is no request";
    RequestUri = "request_uri_not_supported" "request_uri must be one that was given out here";
    RequestUriOver = "invalid_request_uri" "the request_uri is over, or of another client";
    NotPushed = "invalid_request" "the client has to push its requests";
    Registration = "registration_not_supported" "the parameter registration is not supported";
    GrantNotAllowed = "unauthorized_client" "the client may not use the authorization code grant";
    ScopeMalformed = "invalid_scope" "the scope is malformed";
    ScopeUnknown = "invalid_scope" "the API does not know one of the scopes";
    ScopeNotAllowed = "invalid_scope" "the client may have none of the scopes";
    OpenIdNotAllowed = "invalid_scope" "the client is not registered for OpenID Connect";
    TargetUnknown = "invalid_target" "resource must name one API that is registered here";
    ChallengeMissing = "invalid_request" "code_challenge is missing";
    ChallengeMalformed = "invalid_request" "code_challenge is not the base64url of a SHA-256 hash";
    ChallengeMethod = "invalid_request" "code_challenge_method must be S256";
    ProofKeyMalformed = "invalid_request" "dpop_jkt is not the thumbprint of a key";
    ProofKeyContradicts = "invalid_request" "dpop_jkt is not the key that was proved";
    NonceTooLong = "invalid_request" "nonce is too long";
    PromptUnknown = "invalid_request" "prompt is not made of none, login, consent and select_account";
    PromptContradicts = "invalid_request" "prompt none stands alone";
    MaxAgeMalformed = "invalid_request" "max_age is not a number of seconds";
    AcrValuesTooMany = "invalid_request" "acr_values is too long";
    HintTooLong = "invalid_request" "a hint is too long";
    IdTokenHint = "invalid_request" "id_token_hint is not an ID token of this issuer for this client";
    ClaimsMalformed = "invalid_request" "claims is not a request for claims";
    DetailsMalformed = "invalid_authorization_details" "authorization_details is not a JSON array of one to ten objects that name their type";
    DetailsTooLong = "invalid_authorization_details" "authorization_details are too long for a token of the API";
    DetailsUnknown = "invalid_authorization_details" "the API knows no such type of authorization details";
    DetailsNotAllowed = "invalid_authorization_details" "the client may not ask the API for this type of authorization details";
    DetailsOtherApi = "invalid_authorization_details" "locations of authorization_details name another API";
    DetailsUnfit = "invalid_authorization_details" "authorization_details are not as their type demands";
    DetailsNotGranted = "invalid_authorization_details" "authorization_details are not among those that were granted";
    Denied = "access_denied" "the request was denied";
    ClassUnmet = "unmet_authentication_requirements" "no login here is of a class that the claims parameter demands";
    LoginRequired = "login_required" "the person has to log in";
    Unavailable = "temporarily_unavailable" "this cannot be done right now; try again soon";
    ConsentRequired = "consent_required" "the person has to consent";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_keep_to_the_characters_of_rfc_6749() {
        for objection in Objection::ALL {
            let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(objection.says().bytes().all(allowed), "{objection:?}");
            assert!(objection.error().bytes().all(allowed), "{objection:?}");
        }
    }
}
