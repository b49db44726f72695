//! The endpoints of OAuth clients, in the formats of RFC 6749, RFC 7591 and those that extend them. Errors have a map of their own: OAuth clients do not read problem+json.

mod authorization_response;
mod authorize;
mod client;
mod device_authorization;
mod dpop;
mod error;
mod grant_error;
mod introspect;
mod logout;
mod par;
mod register;
mod revoke;
mod token;
mod token_exchange;
mod user_info;

pub use authorization_response::{address, with_query};
pub use authorize::{AuthorizationParameters, answer_browser, authorize, authorize_by_form};
pub use client::presented_client;
pub use device_authorization::{DeviceAuthorization, DeviceAuthorizationRequest, authorize_device};
pub use dpop::{called_url, offer_nonce, proof_key, proof_of, proofs};
pub use error::{OAuthError, OAuthErrorBody, OAuthReason};
pub use introspect::{IntrospectionBody, IntrospectionRequest, introspect_token};
pub use logout::{LogoutParameters, log_out_for_client, log_out_for_client_by_form};
pub use par::{PushedAuthorizationRequest, PushedBody, push_request};
pub use register::{
    ClientInformation, ClientMetadataBody, register_client, replace_own_registration,
    show_own_registration, withdraw_own_registration,
};
pub use revoke::{RevocationRequest, revoke_token};
pub use token::{GRANTS, TokenRequest, issue_token};
pub use user_info::{UserInfoBody, UserInfoRequest, request_user_info, show_user_info};
