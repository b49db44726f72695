-- Authorization codes. A code that is spent stays until it is purged, to be recognised when it comes again; session_id is what it
-- opened. All that only the token endpoint reads of the request is in `code` (JSON).
CREATE TABLE authorization_codes (
    id {blob} NOT NULL PRIMARY KEY,
    client_id {text} NOT NULL,
    user_id {blob} NOT NULL,
    code {text} NOT NULL,
    expires_at {int} NOT NULL,
    spent_at {int},
    session_id {blob}
) {hot_table};

CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);
-- Withdrawing a consent takes the codes along that rest on it.
CREATE INDEX authorization_codes_of_user ON authorization_codes (user_id, client_id) WHERE spent_at IS NULL;

-- What people have granted to clients: per API (JSON), and of OpenID Connect's own scopes.
CREATE TABLE consents (
    user_id {blob} NOT NULL,
    client_id {text} NOT NULL,
    scopes {text} NOT NULL,
    openid_scope {text} NOT NULL,
    given_at {int} NOT NULL,
    PRIMARY KEY (user_id, client_id)
) {clustered_table};

CREATE INDEX consents_of_client ON consents (client_id);
