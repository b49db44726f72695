-- Assertions by which clients proved to be themselves, until none of them would be believed again. `name` is half of a hash of
-- client and `jti`.
CREATE TABLE used_assertions (
    name {blob} NOT NULL PRIMARY KEY,
    until {int} NOT NULL
) {clustered_table};

CREATE INDEX used_assertions_by_end ON used_assertions (until);
