//! The columns of rows that more than one file reads, in the order in which their readers take them.

macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.email_verified, u.password, u.status, u.roles, u.epoch, u.created_at, u.updated_at"
    };
}

macro_rules! session_columns {
    () => {
        "s.id, s.user_id, s.client_id, s.audience, s.scope, s.openid_scope, s.claims, s.authorization_details, s.login_id, s.salt, s.sequence, s.superseded, s.idle_until, \
         s.absolute_until, s.proof_key, s.created_at, coalesce(s.authenticated_at, s.created_at), s.last_used_at, s.ended_at, s.end_reason, s.device, s.address, \
         s.amr, s.status_list, s.status_index"
    };
}

macro_rules! login_columns {
    () => {
        "l.id, l.user_id, l.secret, l.amr, l.authenticated_at, l.idle_until, l.expires_at, l.ended_at, l.device, l.address, l.created_at"
    };
}

macro_rules! client_columns {
    () => {
        "c.id, c.name, c.kind, c.secret, c.grants, c.allowed, c.default_audience, c.registration, c.disabled, c.created_at, \
         c.status_list, c.status_index"
    };
}

/// What is told of a session that ends.
macro_rules! ended_columns {
    () => {
        "id, user_id, client_id, openid_scope, status_list, status_index"
    };
}

/// A session with whom it stands on, and the mark by which it is stale.
macro_rules! standing_columns {
    () => {
        concat!(
            session_columns!(),
            ", ",
            user_columns!(),
            ", ",
            client_columns!(),
            ", m.value"
        )
    };
}

macro_rules! standing_tables {
    () => {
        "sessions s JOIN users u ON u.id = s.user_id JOIN clients c ON c.id = s.client_id \
         LEFT JOIN status_marks m ON m.list = s.status_list AND m.idx = s.status_index"
    };
}
