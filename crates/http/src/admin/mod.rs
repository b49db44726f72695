//! The admin API. Its tokens are for the issuer itself, and each row names the scope that it demands.

mod apis;
mod audit;
mod clients;
mod initial_access;
mod keys;
pub(crate) mod page;
mod profile;
mod roles;
mod sessions;
mod tokens;
mod users;
mod verifiers;

use std::collections::BTreeMap;

use keywright_domain::access::{Audience, ScopeSet};

pub use apis::{ApiBody, ApiList, PutApi, delete_api, list_apis, put_api, show_api};
pub use audit::{
    AuditChains, AuditList, AuditListQuery, AuditReport, list_audit, list_audit_chains,
    verify_audit,
};
pub use clients::{
    ClientBody, ClientList, ClientListQuery, CreateClient, CreatedClientBody, PatchClient,
    RotateSecret, SecretBody, change_client, create_client, delete_client, list_clients,
    rotate_client_secret, show_client,
};
pub use initial_access::{
    GrantInitialAccess, GrantedInitialAccessBody, InitialAccessList, grant_initial_access,
    list_initial_accesses, revoke_initial_access,
};
pub use keys::{
    KeyImpactBody, KeyList, RevokeKey, RingBody, RotateKeys, list_keys, revoke_key, roll_back_keys,
    rotate_keys, show_key_impact,
};
pub use profile::{set_user_profile, show_user_profile};
pub use roles::{PutRole, RoleBody, RoleList, delete_role, list_roles, put_role, show_role};
pub use sessions::{
    SessionList, SessionListQuery, SessionsOfQuery, end_session, end_sessions_of_user,
    list_sessions,
};
pub use tokens::{
    RevokeTokens, RevokedBody, TokenCountBody, TokenCountQuery, TokenList, TokenListQuery,
    count_tokens, list_tokens, revoke_tokens,
};
pub use users::{
    CreateUser, FindUser, PutPassword, PutRoles, UserBody, UserList, UserListQuery, create_user,
    delete_user, disable_user, enable_user, find_user, list_users, set_user_password,
    set_user_roles, show_user,
};
pub use verifiers::{VerifierList, list_verifiers};

/// Scopes as OAuth writes them, under their audience.
fn scopes_by_audience(scopes: &BTreeMap<Audience, ScopeSet>) -> BTreeMap<String, String> {
    scopes
        .iter()
        .map(|(audience, scopes)| (audience.to_string(), scopes.to_string()))
        .collect()
}
