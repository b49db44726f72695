-- What a client is registered with for browser flows and OpenID Connect (JSON). NULL: nothing.
ALTER TABLE clients ADD COLUMN registration {text};

-- Of OpenID Connect's own scopes, what the session was granted; the browser's login that opened it; when the user proved who they are,
-- which with a standing login is earlier than the session. NULL: none, none, and when the session was opened.
ALTER TABLE sessions ADD COLUMN openid_scope {text};
ALTER TABLE sessions ADD COLUMN login_id {blob};
ALTER TABLE sessions ADD COLUMN authenticated_at {int};
