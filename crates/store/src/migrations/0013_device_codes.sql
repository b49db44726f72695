-- Devices that wait for a person (RFC 8628). `user_code` is keyed; a code that opened a session is deleted.
CREATE TABLE device_codes (
    id {blob} NOT NULL PRIMARY KEY,
    user_code {blob} NOT NULL UNIQUE,
    client_id {text} NOT NULL,
    audience {text} NOT NULL,
    scope {text} NOT NULL,
    openid_scope {text} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    state {text} NOT NULL,
    approval {text},
    poll_interval {int} NOT NULL,
    polled_at {int}
) {hot_table};

CREATE INDEX device_codes_by_expiry ON device_codes (expires_at);
