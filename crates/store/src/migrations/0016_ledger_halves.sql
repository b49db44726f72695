-- The jti in two halves: the millisecond of issue and 16 random bits as a number, and the other 64 random bits.
--
-- PostgreSQL splits a page of an index where a group grows, and leaves the left one full, only if the entries are not wider than two
-- numbers; otherwise a thousand classes leave a thousand pages half empty. So there the index ends with the first half, and nothing
-- enforces that a jti is unique: 80 random bits within a millisecond do.
CREATE TABLE ledger_halves (
    class {int} NOT NULL,
    jti_head {int} NOT NULL,
    jti_tail {blob} NOT NULL,
    session_id {blob}
{sqlite}    , PRIMARY KEY (class, jti_head, jti_tail)
) {clustered_table};

INSERT INTO ledger_halves (class, jti_head, jti_tail, session_id)
SELECT class, {jti_head}, substr(jti, 9), session_id FROM ledger ORDER BY class, jti;

DROP TABLE ledger;
ALTER TABLE ledger_halves RENAME TO ledger;

{postgres}CREATE INDEX ledger_by_class ON ledger (class, jti_head);
CREATE INDEX ledger_of_session ON ledger (session_id) WHERE session_id IS NOT NULL;
