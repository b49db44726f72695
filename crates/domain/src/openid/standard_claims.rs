//! The standard claims, and which scope asks for which (OpenID Connect Core §5.1, §5.4).

/// By scope. `sub` belongs to `openid` and is always told.
pub const STANDARD_CLAIMS: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// The scope that asks for `claim`; `None` if it is no standard claim.
pub(super) fn scope_of(claim: &str) -> Option<&'static str> {
    let mut scopes = STANDARD_CLAIMS.iter();
    let (scope, _) = scopes.find(|(_, claims)| claims.contains(&claim))?;
    Some(scope)
}

/// The claims that these scopes ask for.
pub(super) fn claims_of(scopes: &crate::access::ScopeSet) -> impl Iterator<Item = &'static str> {
    let asked = STANDARD_CLAIMS
        .iter()
        .filter(|(scope, _)| scopes.contains(scope));
    asked.flat_map(|(_, claims)| claims.iter().copied())
}
