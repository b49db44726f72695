//! The columns of rows that more than one file reads, in the order in which their readers take them.

macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.email_verified, u.password, u.status, u.roles, u.epoch, u.created_at, u.updated_at"
    };
}

macro_rules! session_columns {
    () => {
        "s.id, s.user_id, s.client_id, s.audience, s.scope, s.salt, s.sequence, s.superseded, s.idle_until, \
         s.absolute_until, s.proof_key, s.created_at, s.last_used_at, s.ended_at, s.end_reason, s.device, s.address, \
         s.amr"
    };
}

macro_rules! client_columns {
    () => {
        "c.id, c.name, c.kind, c.secret, c.grants, c.allowed, c.default_audience, c.disabled, c.created_at"
    };
}
