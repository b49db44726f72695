-- Words in braces are dialect.rs's. Times are milliseconds since 1970, ids are 16 bytes, flags are 0 or 1.
--
-- No foreign keys: a session outlives its deleted user until it is purged, and a letter may answer for an account that has
-- gone meanwhile. Whoever reads, joins.

CREATE TABLE users (
    id {blob} NOT NULL PRIMARY KEY,
    username {text} UNIQUE,
    email {text} NOT NULL UNIQUE,
    email_verified {int} NOT NULL,
    password {text},
    status {text} NOT NULL,
    roles {text} NOT NULL,
    epoch {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {table};

-- A refresh writes sequence, superseded, idle_until, last_used_at and address. None of them may enter an index: that
-- would turn one write in place into several, at every refresh.
CREATE TABLE sessions (
    id {blob} NOT NULL PRIMARY KEY,
    user_id {blob} NOT NULL,
    client_id {text} NOT NULL,
    audience {text} NOT NULL,
    scope {text} NOT NULL,
    salt {blob} NOT NULL,
    sequence {int} NOT NULL,
    superseded {blob} NOT NULL,
    idle_until {int} NOT NULL,
    absolute_until {int} NOT NULL,
    proof_key {text},
    created_at {int} NOT NULL,
    last_used_at {int} NOT NULL,
    ended_at {int},
    end_reason {text},
    device {text},
    address {text},
    amr {text} NOT NULL
) {hot_table};

CREATE INDEX sessions_of_user ON sessions (user_id, id);
CREATE INDEX sessions_of_client ON sessions (client_id) WHERE ended_at IS NULL;

CREATE TABLE clients (
    id {text} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    kind {text} NOT NULL,
    secret {blob},
    grants {text} NOT NULL,
    allowed {text} NOT NULL,
    default_audience {text},
    disabled {int} NOT NULL,
    created_at {int} NOT NULL
) {table};

CREATE TABLE apis (
    audience {text} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    scopes {text} NOT NULL,
    access_lifetime {int} NOT NULL,
    algorithm {text} NOT NULL,
    created_at {int} NOT NULL
) {table};

CREATE TABLE roles (
    name {text} NOT NULL PRIMARY KEY,
    description {text} NOT NULL,
    grants {text} NOT NULL
) {table};

-- One-time links. A link that is redeemed is deleted, so it is redeemed once.
CREATE TABLE links (
    id {blob} NOT NULL PRIMARY KEY,
    purpose {text} NOT NULL,
    user_id {blob} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL
) {table};

CREATE INDEX links_of_user ON links (user_id);
CREATE INDEX links_by_expiry ON links (expires_at);

-- Letters to send. One that has been sent is deleted.
CREATE TABLE outbox (
    id {blob} NOT NULL PRIMARY KEY,
    recipient {text} NOT NULL,
    user_id {blob},
    kind {text} NOT NULL,
    link_id {blob},
    username {text},
    created_at {int} NOT NULL,
    due_at {int} NOT NULL
) {table};

CREATE INDEX outbox_by_due ON outbox (due_at);
CREATE INDEX outbox_of_user ON outbox (user_id);

CREATE TABLE signing_keys (
    kid {text} NOT NULL PRIMARY KEY,
    algorithm {text} NOT NULL,
    audience {text},
    public {text},
    sealed {blob} NOT NULL,
    state {text} NOT NULL,
    created_at {int} NOT NULL,
    published_at {int},
    activated_at {int},
    verifies_until {int},
    ended_at {int}
) {table};

CREATE TABLE server_keys (
    purpose {text} NOT NULL,
    version {int} NOT NULL,
    sealed {blob} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (purpose, version)
) {table};

-- Counters that other nodes watch, to know when what they hold in memory is old.
CREATE TABLE versions (
    name {text} NOT NULL PRIMARY KEY,
    value {int} NOT NULL
) {table};

INSERT INTO versions (name, value) VALUES ('catalog', 0), ('keys', 0);

-- The audit log: append-only, each entry hashed over the one before it.
CREATE TABLE audit_entries (
    chain {text} NOT NULL,
    seq {int} NOT NULL,
    at {int} NOT NULL,
    kind {text} NOT NULL,
    actor {text} NOT NULL,
    user_id {text},
    session_id {text},
    client_id {text},
    address {text},
    detail {text},
    hash {blob} NOT NULL,
    PRIMARY KEY (chain, seq)
) {clustered_table};

CREATE TABLE audit_heads (
    chain {text} NOT NULL PRIMARY KEY,
    seq {int} NOT NULL,
    hash {blob} NOT NULL,
    mac {blob} NOT NULL
) {hot_table};
