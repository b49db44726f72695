-- The types of authorization details that an API knows (RFC 9396), as JSON. NULL: none.
ALTER TABLE apis ADD COLUMN authorization_details_types {text};

-- What the person granted beyond scopes when the session was opened (JSON). NULL: nothing.
ALTER TABLE sessions ADD COLUMN authorization_details {text};
