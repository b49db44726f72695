-- A person's login in one browser. `secret` is the SHA-256 of its cookie. Rows go when they expire, ended or not.
CREATE TABLE logins (
    id {blob} NOT NULL PRIMARY KEY,
    user_id {blob} NOT NULL,
    secret {blob} NOT NULL,
    amr {text} NOT NULL,
    authenticated_at {int} NOT NULL,
    idle_until {int} NOT NULL,
    expires_at {int} NOT NULL,
    ended_at {int},
    device {text},
    address {text},
    created_at {int} NOT NULL
) {hot_table};

CREATE INDEX logins_of_user ON logins (user_id, id);
CREATE INDEX logins_by_expiry ON logins (expires_at);

-- What ends with a login. A refresh writes neither column.
CREATE INDEX sessions_of_login ON sessions (login_id) WHERE ended_at IS NULL;
