-- Clients that no operator made. Those that registered themselves have an access token, those whose id is the address of their metadata
-- the time until which these are fresh.
CREATE TABLE dynamic_clients (
    client_id {text} NOT NULL PRIMARY KEY,
    access_token {blob},
    fresh_until {int},
    used_at {int} NOT NULL
) {table};

CREATE INDEX dynamic_clients_by_use ON dynamic_clients (used_at);

-- Initial access tokens (RFC 7591 §1.2). One that is used up is kept until it expires, and then forgotten.
CREATE TABLE initial_accesses (
    id {blob} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    secret {blob} NOT NULL,
    uses_left {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL
) {table};

CREATE INDEX initial_accesses_by_expiry ON initial_accesses (expires_at);
