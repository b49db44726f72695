-- What an API's tokens carry beyond the registered claims, as JSON. NULL: nothing.
ALTER TABLE apis ADD COLUMN claims {text};
