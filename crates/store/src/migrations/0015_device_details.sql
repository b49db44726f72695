-- What the device asks for beyond scopes (RFC 9396), as JSON. NULL: nothing.
ALTER TABLE device_codes ADD COLUMN authorization_details {text};
