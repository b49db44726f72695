-- Clients are told of the end of a login by the same queue. NULL: the notice is for the receiver of the webhook.
ALTER TABLE notices ADD COLUMN client_id {text};
