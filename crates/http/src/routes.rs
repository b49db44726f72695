//! The table of everything that the server answers to.
//!
//! The router, the OpenAPI document and the authorization-coverage test read these rows. To add an endpoint, write its handler
//! and its row; a row names what must be proved first, and nothing reaches the handler without it.

use axum::Router;
use http::StatusCode;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::door::{
    AnyCaller, AnyClient, AnyFollower, AnyRegistrant, Browsing, Console, ConsoleForm, Leaving,
    LoggedIn, LoggedInForm, ManagingClient, OpenIdCaller, OwnForm, Public, Required, Scope,
};
use crate::feed::{EventStream, FleetReport, follow_feed, take_report};
use crate::oauth::{
    AuthorizationParameters, ClientInformation, ClientMetadataBody, DeviceAuthorization,
    DeviceAuthorizationRequest, IntrospectionBody, IntrospectionRequest, LogoutParameters,
    PushedAuthorizationRequest, PushedBody, RevocationRequest, TokenRequest, UserInfoBody,
    UserInfoRequest, authorize, authorize_by_form, authorize_device, introspect_token, issue_token,
    log_out_for_client, log_out_for_client_by_form, push_request, register_client,
    replace_own_registration, request_user_info, revoke_token, show_own_registration,
    show_user_info, withdraw_own_registration,
};
use crate::openapi::describe;
use crate::profile::ProfileBody;
use crate::route::{Entrance, Rate, Route, delete, get, mount, mount_at, patch, post, put};
use crate::status::{StatusListJwt, StatusListUris, list_status_lists, serve_status_list};
use crate::tokens::TokensBody;
use crate::wellknown::{
    KeySet, Metadata, PROTECTED_RESOURCE, ResourceMetadata, serve_authorization_server, serve_jwks,
    serve_openid_configuration, serve_protected_resource,
};
use crate::{admin, api, ops, web};

const OK: StatusCode = StatusCode::OK;
const CREATED: StatusCode = StatusCode::CREATED;
const ACCEPTED: StatusCode = StatusCode::ACCEPTED;

/// The rows, in the order of the reference.
pub fn routes() -> Vec<Route> {
    [
        discovery(),
        identity(),
        pages(),
        oauth(),
        feed(),
        administration(),
        operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Everything behind its doors.
pub fn router(app: &App) -> Router {
    mount(&routes(), app)
}

/// The admin API for commands on the issuer's own machine, in process: what it does is on record as the operator's, and nothing has to
/// be proved. Never serve it.
pub fn operator_router(app: &App) -> Router {
    let mut rows = routes();
    rows.retain(|row| matches!(row.required, Required::Scope(_)));
    mount_at(&rows, app, Entrance::Operator)
}

/// The document that `GET /openapi.json` serves.
pub fn openapi() -> OpenApi {
    describe(&routes())
}

#[rustfmt::skip] // A row is a line, or it is no table.
fn discovery() -> Vec<Route> {
    vec![
        get("/.well-known/openid-configuration", Public, serve_openid_configuration, "Metadata (OpenID Connect Discovery)").answers::<Metadata>(OK).for_browser_apps(),
        get("/.well-known/oauth-authorization-server", Public, serve_authorization_server, "Metadata (RFC 8414)").answers::<Metadata>(OK).for_browser_apps(),
        get("/.well-known/jwks.json", Public, serve_jwks, "The keys that tokens are verified with").answers::<KeySet>(OK).for_browser_apps(),
        get(PROTECTED_RESOURCE, Public, serve_protected_resource, "What the APIs of this issuer demand (RFC 9728)").answers::<ResourceMetadata>(OK).for_browser_apps(),
        get("/status", Public, list_status_lists, "Where the status lists are").answers::<StatusListUris>(OK),
        get("/status/{list}", Public, serve_status_list, "Whose tokens are dead (IETF Token Status List)").answers_jwt::<StatusListJwt>("application/statuslist+jwt"),
    ]
}

#[rustfmt::skip]
fn identity() -> Vec<Route> {
    vec![
        post("/v1/register", Public, api::register_account, "Register an account").takes::<api::RegisterRequest>().answers::<api::Accepted>(CREATED).limited(Rate::Letters),
        post("/v1/login", Public, api::log_in, "Log in with a password").takes::<api::LogInRequest>().answers::<TokensBody>(OK).limited(Rate::Guesses),
        post("/v1/refresh", Public, api::refresh_tokens, "Refresh the tokens of a session").takes::<api::RefreshRequest>().answers::<TokensBody>(OK).limited(Rate::Guesses),
        post("/v1/logout", Leaving, api::log_out, "Log out").takes::<api::LogOutRequest>().answers_nothing().limited(Rate::Guesses),
        get("/v1/me", AnyCaller, api::show_me, "See one's own account").answers::<api::Me>(OK),
        put("/v1/me/profile", AnyCaller, api::set_own_profile, "Replace what one tells about oneself").takes::<ProfileBody>().answers_nothing(),
        get("/v1/sessions", AnyCaller, api::list_own_sessions, "List one's own sessions").answers::<api::OwnSessions>(OK),
        delete("/v1/sessions", AnyCaller, api::log_out_everywhere, "Log out everywhere").answers::<api::EndedBody>(OK),
        delete("/v1/sessions/{id}", AnyCaller, api::end_own_session, "End one of one's own sessions").answers_nothing(),
        get("/v1/consents", AnyCaller, api::list_own_consents, "List what one has granted to clients").answers::<api::OwnConsents>(OK),
        delete("/v1/consents/{client}", AnyCaller, api::withdraw_consent, "Take back what one has granted to a client, and end its sessions").answers_nothing(),
        post("/v1/password", AnyCaller, api::change_password, "Change one's own password").takes::<api::ChangePasswordRequest>().answers_nothing().limited(Rate::Guesses),
        post("/v1/password/forgot", Public, api::forgot_password, "Ask for a recovery letter").takes::<api::ForgotPasswordRequest>().answers::<api::Accepted>(ACCEPTED).limited(Rate::Letters),
        post("/v1/password/reset", Public, api::reset_password, "Set a password by a recovery letter").takes::<api::ResetPasswordRequest>().answers_nothing().limited(Rate::Guesses),
        post("/v1/email/verify", Public, api::verify_email, "Prove an e-mail address by a letter").takes::<api::VerifyEmailRequest>().answers_nothing().limited(Rate::Guesses),
        post("/v1/email/resend", Public, api::resend_verification, "Ask for another verification letter").takes::<api::ResendRequest>().answers::<api::Accepted>(ACCEPTED).limited(Rate::Letters),
    ]
}

#[rustfmt::skip]
fn pages() -> Vec<Route> {
    vec![
        get("/login", Browsing, web::show_login, "The login page").answers_page(),
        post("/login", OwnForm, web::log_in_by_form, "Log in to this browser").takes_form::<web::LogInForm>().answers_page().limited(Rate::Guesses),
        post("/consent", OwnForm, web::decide_consent, "Say whether a client may have what it asks for").takes_form::<web::ConsentForm>().answers_page().limited(Rate::Guesses),
        post("/logout", LoggedInForm, web::log_out_of_browser, "Log out of this browser").takes_form::<web::NoFields>().answers_page(),
        post("/logout/confirm", OwnForm, web::confirm_logout, "Log out of this browser, as a client asked").takes_form::<web::LogOutForm>().answers_page().limited(Rate::Guesses),
        get("/account", LoggedIn, web::show_account, "One's own account").answers_page(),
        post("/account/sessions/{id}/end", LoggedInForm, web::end_session_by_owner, "End a session from the account page").takes_form::<web::NoFields>().answers_page(),
        post("/account/logins/{id}/end", LoggedInForm, web::end_login, "Log out of another browser").takes_form::<web::NoFields>().answers_page(),
        post("/account/consents/{client}/withdraw", LoggedInForm, web::withdraw_own_consent, "Take back what one has granted to a client, at the account page").takes_form::<web::NoFields>().answers_page(),
        post("/account/logout", LoggedInForm, web::log_out_of_everything, "Log out of everything from the account page").takes_form::<web::NoFields>().answers_page(),
        post("/account/password", LoggedInForm, web::change_own_password, "Change one's own password at the account page").takes_form::<web::PasswordForm>().answers_page().limited(Rate::Guesses),
        get("/device", Browsing, web::show_device, "Where a person enters the code of a device").answers_page(),
        post("/device", OwnForm, web::enter_device_code, "See which device shows a code, and what it asks for").takes_form::<web::DeviceForm>().answers_page().limited(Rate::Guesses),
        post("/device/decide", LoggedInForm, web::decide_device, "Let a device in, or keep it out").takes_form::<web::DeviceDecisionForm>().answers_page().limited(Rate::Guesses),
        get("/admin", Console(None), web::console::show_console, "The console").answers_page(),
        get("/admin/tokens", Console(Some("tokens:read")), web::console::show_console_tokens, "Living tokens, at the console").query::<web::console::TokenSearchForm>().answers_page(),
        post("/admin/tokens/person", ConsoleForm("users:read"), web::console::find_person_at_console, "Find somebody's tokens by name, at the console").takes_form::<web::console::PersonForm>().answers_page(),
        post("/admin/tokens/revoke", ConsoleForm("tokens:write"), web::console::revoke_tokens_at_console, "End the sessions behind the tokens that match, at the console").takes_form::<web::console::TokenSearchForm>().answers_page(),
        get("/admin/keys", Console(Some("keys:read")), web::console::show_console_keys, "Signing keys, at the console").answers_page(),
        get("/admin/keys/{kid}", Console(Some("keys:read")), web::console::show_console_key, "A key and what its revocation would cost, at the console").answers_page(),
        post("/admin/keys/rotate", ConsoleForm("keys:write"), web::console::rotate_at_console, "Hand over to the key in waiting, at the console").takes_form::<web::console::RotateForm>().answers_page(),
        post("/admin/keys/rollback", ConsoleForm("keys:write"), web::console::roll_back_at_console, "Let the previous key sign again, at the console").takes_form::<web::console::RingForm>().answers_page(),
        post("/admin/keys/{kid}/revoke", ConsoleForm("keys:write"), web::console::revoke_key_at_console, "Take a key out at once, at the console").takes_form::<web::console::RevokeKeyForm>().answers_page(),
        get("/admin/verifiers", Console(Some("verifiers:read")), web::console::show_console_verifiers, "The services that verify tokens, at the console").answers_page(),
        get("/admin/audit", Console(Some("audit:read")), web::console::show_console_audit, "The newest entries of the audit log, at the console").answers_page(),
        get("/assets/{file}", Public, web::serve_asset, "What pages load"),
    ]
}

#[rustfmt::skip]
fn oauth() -> Vec<Route> {
    vec![
        get("/oauth2/authorize", Browsing, authorize, "Ask for a code (RFC 6749, OpenID Connect)").query::<AuthorizationParameters>().answers_page().limited(Rate::Guesses),
        post("/oauth2/authorize", Browsing, authorize_by_form, "The same by a form").takes_form::<AuthorizationParameters>().answers_page().limited(Rate::Guesses),
        post("/oauth2/token", AnyClient, issue_token, "Get tokens by a grant (RFC 6749)").takes_form::<TokenRequest>().answers::<TokensBody>(OK).limited(Rate::Clients).for_browser_apps(),
        post("/oauth2/par", AnyClient, push_request, "Push an authorization request (RFC 9126)").takes_form::<PushedAuthorizationRequest>().answers::<PushedBody>(CREATED).limited(Rate::Clients),
        post("/oauth2/device_authorization", AnyClient, authorize_device, "Get the codes of a device (RFC 8628)").takes_form::<DeviceAuthorizationRequest>().answers::<DeviceAuthorization>(OK).limited(Rate::Clients),
        post("/oauth2/register", AnyRegistrant, register_client, "Register a client (RFC 7591)").takes::<ClientMetadataBody>().answers::<ClientInformation>(CREATED).limited(Rate::Registrations),
        get("/oauth2/register/{client_id}", ManagingClient, show_own_registration, "See one's own registration (RFC 7592)").answers::<ClientInformation>(OK).limited(Rate::Guesses),
        put("/oauth2/register/{client_id}", ManagingClient, replace_own_registration, "Replace one's own registration (RFC 7592)").takes::<ClientMetadataBody>().answers::<ClientInformation>(OK).limited(Rate::Guesses),
        delete("/oauth2/register/{client_id}", ManagingClient, withdraw_own_registration, "Withdraw one's own registration (RFC 7592)").answers_nothing().limited(Rate::Guesses),
        post("/oauth2/introspect", AnyClient, introspect_token, "Ask what a token is worth (RFC 7662)").takes_form::<IntrospectionRequest>().answers::<IntrospectionBody>(OK).limited(Rate::Clients),
        post("/oauth2/revoke", AnyClient, revoke_token, "Give a token back (RFC 7009)").takes_form::<RevocationRequest>().limited(Rate::Clients).for_browser_apps(),
        get("/oauth2/logout", Browsing, log_out_for_client, "Log a person out at a client's wish (OpenID Connect)").query::<LogoutParameters>().answers_page().limited(Rate::Guesses),
        post("/oauth2/logout", Browsing, log_out_for_client_by_form, "The same by a form of the client").takes_form::<LogoutParameters>().answers_page().limited(Rate::Guesses),
        get("/oauth2/userinfo", OpenIdCaller, show_user_info, "What the client may know of the person (OpenID Connect)").answers::<UserInfoBody>(OK).for_browser_apps(),
        post("/oauth2/userinfo", OpenIdCaller, request_user_info, "The same, for tokens in a form").takes_form::<UserInfoRequest>().answers::<UserInfoBody>(OK).for_browser_apps(),
    ]
}

#[rustfmt::skip]
fn feed() -> Vec<Route> {
    vec![
        get("/feed", AnyFollower, follow_feed, "Follow revocations and keys as they change").streams::<EventStream>().limited(Rate::Clients),
        post("/feed/report", AnyFollower, take_report, "Tell what a verifier knows and refuses").takes::<FleetReport>().answers_nothing().limited(Rate::Clients),
    ]
}

#[rustfmt::skip]
fn administration() -> Vec<Route> {
    vec![
        get("/admin/v1/users", Scope("users:read"), admin::list_users, "List user accounts").query::<admin::UserListQuery>().answers::<admin::UserList>(OK),
        post("/admin/v1/users", Scope("users:write"), admin::create_user, "Create a user account").takes::<admin::CreateUser>().answers::<admin::UserBody>(CREATED),
        post("/admin/v1/users/find", Scope("users:read"), admin::find_user, "Find a user account by its user name or e-mail address").takes::<admin::FindUser>().answers::<admin::UserBody>(OK),
        get("/admin/v1/users/{id}", Scope("users:read"), admin::show_user, "See a user account").answers::<admin::UserBody>(OK),
        delete("/admin/v1/users/{id}", Scope("users:write"), admin::delete_user, "Delete a user account").answers_nothing(),
        post("/admin/v1/users/{id}/disable", Scope("users:write"), admin::disable_user, "Disable a user account and end its sessions").answers_nothing(),
        post("/admin/v1/users/{id}/enable", Scope("users:write"), admin::enable_user, "Enable a user account").answers_nothing(),
        put("/admin/v1/users/{id}/roles", Scope("users:write"), admin::set_user_roles, "Set a user's roles").takes::<admin::PutRoles>().answers_nothing(),
        put("/admin/v1/users/{id}/password", Scope("users:write"), admin::set_user_password, "Set a user's password and end the user's sessions").takes::<admin::PutPassword>().answers_nothing(),
        get("/admin/v1/users/{id}/profile", Scope("users:read"), admin::show_user_profile, "See what a user tells about themselves").answers::<ProfileBody>(OK),
        put("/admin/v1/users/{id}/profile", Scope("users:write"), admin::set_user_profile, "Replace what a user tells about themselves").takes::<ProfileBody>().answers_nothing(),
        get("/admin/v1/clients", Scope("clients:read"), admin::list_clients, "List clients").query::<admin::ClientListQuery>().answers::<admin::ClientList>(OK),
        post("/admin/v1/clients", Scope("clients:write"), admin::create_client, "Register a client").takes::<admin::CreateClient>().answers::<admin::CreatedClientBody>(CREATED),
        get("/admin/v1/clients/{id}", Scope("clients:read"), admin::show_client, "See a client").answers::<admin::ClientBody>(OK),
        patch("/admin/v1/clients/{id}", Scope("clients:write"), admin::change_client, "Change a client").takes::<admin::PatchClient>().answers::<admin::ClientBody>(OK),
        delete("/admin/v1/clients/{id}", Scope("clients:write"), admin::delete_client, "Delete a client and end its sessions").answers_nothing(),
        get("/admin/v1/clients/registration/tokens", Scope("clients:read"), admin::list_initial_accesses, "List initial access tokens").answers::<admin::InitialAccessList>(OK),
        post("/admin/v1/clients/registration/tokens", Scope("clients:write"), admin::grant_initial_access, "Make an initial access token, by which clients register themselves").takes::<admin::GrantInitialAccess>().answers::<admin::GrantedInitialAccessBody>(CREATED),
        delete("/admin/v1/clients/registration/tokens/{id}", Scope("clients:write"), admin::revoke_initial_access, "Revoke an initial access token").answers_nothing(),
        post("/admin/v1/clients/{id}/secret", Scope("clients:write"), admin::rotate_client_secret, "Replace a client's secret").takes::<admin::RotateSecret>().answers::<admin::SecretBody>(OK),
        get("/admin/v1/apis", Scope("apis:read"), admin::list_apis, "List APIs").answers::<admin::ApiList>(OK),
        get("/admin/v1/apis/{audience}", Scope("apis:read"), admin::show_api, "See an API").answers::<admin::ApiBody>(OK),
        put("/admin/v1/apis/{audience}", Scope("apis:write"), admin::put_api, "Create or replace an API").takes::<admin::PutApi>().answers::<admin::ApiBody>(OK),
        delete("/admin/v1/apis/{audience}", Scope("apis:write"), admin::delete_api, "Delete an API").answers_nothing(),
        get("/admin/v1/roles", Scope("roles:read"), admin::list_roles, "List roles").answers::<admin::RoleList>(OK),
        get("/admin/v1/roles/{name}", Scope("roles:read"), admin::show_role, "See a role").answers::<admin::RoleBody>(OK),
        put("/admin/v1/roles/{name}", Scope("roles:write"), admin::put_role, "Create or replace a role").takes::<admin::PutRole>().answers::<admin::RoleBody>(OK),
        delete("/admin/v1/roles/{name}", Scope("roles:write"), admin::delete_role, "Delete a role").answers_nothing(),
        get("/admin/v1/sessions", Scope("sessions:read"), admin::list_sessions, "List live sessions").query::<admin::SessionListQuery>().answers::<admin::SessionList>(OK),
        delete("/admin/v1/sessions", Scope("sessions:write"), admin::end_sessions_of_user, "End a user's sessions").query::<admin::SessionsOfQuery>().answers::<api::EndedBody>(OK),
        delete("/admin/v1/sessions/{id}", Scope("sessions:write"), admin::end_session, "End a session").answers_nothing(),
        get("/admin/v1/keys", Scope("keys:read"), admin::list_keys, "List signing keys").answers::<admin::KeyList>(OK),
        post("/admin/v1/keys/rotate", Scope("keys:write"), admin::rotate_keys, "Hand over to the key in waiting").takes::<admin::RotateKeys>().answers_nothing(),
        post("/admin/v1/keys/rollback", Scope("keys:write"), admin::roll_back_keys, "Let the previous key sign again").takes::<admin::RingBody>().answers_nothing(),
        post("/admin/v1/keys/{kid}/revoke", Scope("keys:write"), admin::revoke_key, "Take a key out at once").takes::<admin::RevokeKey>().answers_nothing(),
        get("/admin/v1/verifiers", Scope("verifiers:read"), admin::list_verifiers, "List the services that verify tokens").answers::<admin::VerifierList>(OK),
        get("/admin/v1/keys/{kid}/impact", Scope("keys:read"), admin::show_key_impact, "What would become of the living tokens if the key were revoked").answers::<admin::KeyImpactBody>(OK),
        get("/admin/v1/tokens", Scope("tokens:read"), admin::list_tokens, "List living access tokens, newest first").query::<admin::TokenListQuery>().answers::<admin::TokenList>(OK),
        get("/admin/v1/tokens/count", Scope("tokens:read"), admin::count_tokens, "Count living access tokens").query::<admin::TokenCountQuery>().answers::<admin::TokenCountBody>(OK),
        post("/admin/v1/tokens/revoke", Scope("tokens:write"), admin::revoke_tokens, "End the sessions behind the living tokens that match").takes::<admin::RevokeTokens>().answers::<admin::RevokedBody>(OK),
        get("/admin/v1/audit", Scope("audit:read"), admin::list_audit, "Read the audit log").query::<admin::AuditListQuery>().answers::<admin::AuditList>(OK),
        get("/admin/v1/audit/chains", Scope("audit:read"), admin::list_audit_chains, "See where each chain of the audit log ends").answers::<admin::AuditChains>(OK),
        get("/admin/v1/audit/verify", Scope("audit:read"), admin::verify_audit, "Prove that the audit log is whole").answers::<admin::AuditReport>(OK),
    ]
}

#[rustfmt::skip]
fn operations() -> Vec<Route> {
    vec![
        get("/healthz", Public, ops::report_health, "Whether the process lives").answers::<ops::Health>(OK),
        get("/readyz", Public, ops::report_readiness, "Whether the database answers and a key signs").answers::<ops::Health>(OK),
        get("/metrics", Public, ops::expose_metrics, "Counters (OpenMetrics)"),
        get("/openapi.json", Public, ops::serve_openapi, "This document"),
    ]
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
