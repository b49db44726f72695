-- The second half of the jti as a number as well, which saves PostgreSQL eight bytes of a row.
--
-- The index of sessions in the order of time, so that a session's newest tokens are found without reading all that it has. Seven bytes of a
-- session's id tell it from nearly every other, and with the byte of their length PostgreSQL keeps them in eight.
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
CREATE INDEX ledger_of_session ON ledger (substr(session_id, 1, 7), jti_head) WHERE session_id IS NOT NULL;
