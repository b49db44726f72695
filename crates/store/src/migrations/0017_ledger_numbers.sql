-- The second half of the jti as a number as well, which saves PostgreSQL eight bytes of a row. Sessions are only looked up there, so their index holds
-- hashes, which are half as long as the ids.
CREATE TABLE ledger_numbers (
    class {int} NOT NULL,
    jti_head {int} NOT NULL,
    jti_tail {int} NOT NULL,
    session_id {blob}
{sqlite}    , PRIMARY KEY (class, jti_head, jti_tail)
) {clustered_table};

INSERT INTO ledger_numbers (class, jti_head, jti_tail, session_id)
SELECT class, jti_head, {jti_tail}, session_id FROM ledger ORDER BY class, jti_head, jti_tail;

DROP TABLE ledger;
ALTER TABLE ledger_numbers RENAME TO ledger;

{postgres}CREATE INDEX ledger_by_class ON ledger (class, jti_head);
{postgres}CREATE INDEX ledger_of_session ON ledger USING hash (session_id);
{sqlite}CREATE INDEX ledger_of_session ON ledger (session_id) WHERE session_id IS NOT NULL;
