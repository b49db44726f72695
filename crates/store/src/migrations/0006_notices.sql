-- When a session was last put on record as anomalous without its row having moved.
ALTER TABLE sessions ADD COLUMN anomaly_at {int};

-- What the receiver of the webhook is still to be told. Apart from the letters: a letter goes with its account and is sent by mail,
-- a notice stays and counts its attempts. The id is the hash of the audit entry.
CREATE TABLE notices (
    id {blob} NOT NULL PRIMARY KEY,
    body {text} NOT NULL,
    created_at {int} NOT NULL,
    attempts {int} NOT NULL,
    due_at {int} NOT NULL
) {table};

CREATE INDEX notices_by_due ON notices (due_at);
