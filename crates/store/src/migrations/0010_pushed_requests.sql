-- Requests that clients have pushed, until a code is issued for them. `parameters` is JSON, as they were sent.
CREATE TABLE pushed_requests (
    id {blob} NOT NULL PRIMARY KEY,
    client_id {text} NOT NULL,
    parameters {text} NOT NULL,
    expires_at {int} NOT NULL
) {table};

CREATE INDEX pushed_requests_by_expiry ON pushed_requests (expires_at);
