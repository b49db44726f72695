-- Where a session's or a client's tokens are looked up in the status lists. NULL: none yet; it is given with the next token.
ALTER TABLE sessions ADD COLUMN status_list {int};
ALTER TABLE sessions ADD COLUMN status_index {int};
ALTER TABLE clients ADD COLUMN status_list {int};
ALTER TABLE clients ADD COLUMN status_index {int};

-- Asked when a full list may be dropped. A refresh changes neither column, so it does not write this index.
CREATE INDEX sessions_of_status_list ON sessions (status_list) WHERE status_list IS NOT NULL;

-- How many positions of each status list have been handed out, in blocks. One that is full is closed.
CREATE TABLE status_lists (
    id {int} NOT NULL PRIMARY KEY,
    taken {int} NOT NULL,
    opened_at {int} NOT NULL,
    closed_at {int}
) {hot_table};

-- The entries of the lists that are not zero, until every token that names them has died.
CREATE TABLE status_marks (
    list {int} NOT NULL,
    idx {int} NOT NULL,
    value {int} NOT NULL,
    at {int} NOT NULL,
    until {int} NOT NULL,
    PRIMARY KEY (list, idx)
) {clustered_table};

CREATE INDEX status_marks_by_end ON status_marks (until);

-- What verifiers are told, numbered in the order of the commits.
CREATE TABLE feed_events (
    seq {int} NOT NULL PRIMARY KEY,
    at {int} NOT NULL,
    event {text} NOT NULL
) {table};

-- One row. Raised last in a transaction and locked until its commit: that is what puts the numbers in commit order.
CREATE TABLE feed_head (
    seq {int} NOT NULL
) {hot_table};

INSERT INTO feed_head (seq) VALUES (0);

-- What many tokens have in common, written once and touched each hour; `ledger` has a short row for each token. The id is made
-- from the other columns but `used_at`.
CREATE TABLE ledger_classes (
    id {int} NOT NULL PRIMARY KEY,
    client_id {text} NOT NULL,
    audience {text} NOT NULL,
    scope {text} NOT NULL,
    kid {text} NOT NULL,
    grant_type {text} NOT NULL,
    lifetime {int} NOT NULL,
    used_at {int} NOT NULL
) {table};

CREATE TABLE ledger (
    class {int} NOT NULL,
    jti {blob} NOT NULL,
    session_id {blob},
    PRIMARY KEY (class, jti)
) {clustered_table};

CREATE INDEX ledger_of_session ON ledger (session_id) WHERE session_id IS NOT NULL;

-- The last report of each verifier.
CREATE TABLE verifiers (
    client_id {text} NOT NULL,
    instance {text} NOT NULL,
    reported_at {int} NOT NULL,
    report {text} NOT NULL,
    PRIMARY KEY (client_id, instance)
) {table};
