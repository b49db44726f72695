-- What people tell about themselves (JSON). NULL: nothing.
ALTER TABLE users ADD COLUMN profile {text};

-- Single claims that the client asked for when the session was opened (JSON). NULL: none.
ALTER TABLE sessions ADD COLUMN claims {text};

-- The algorithms that the client is answered with signatures of, out of its registration. NULL: it is no OpenID client. Keys are made
-- for what is asked for, so all nodes must know what is.
ALTER TABLE clients ADD COLUMN algorithms {text};
CREATE INDEX clients_algorithms ON clients (algorithms) WHERE algorithms IS NOT NULL;

ALTER TABLE ledger_classes ADD COLUMN kind {text} NOT NULL DEFAULT 'access_token';
