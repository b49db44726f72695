//! What becomes of a client's own tokens when the client changes.

use crate::client::{Client, Grant};
use crate::feed::{StatusEntry, StatusValue};
use crate::status::{StatusRef, narrowed};
use crate::{Issuer, Time, Unavailable};

/// Decides on a change, given the client as stored. Gives `after` the entry of its next tokens, and answers what is to be said
/// of those that it has. Pure: the store calls it on what it read, inside the write.
pub fn reflect(before: &Client, after: &mut Client, fresh: StatusRef) -> Option<StatusEntry> {
    let Some(entry) = before.status else {
        after.status = Some(fresh);
        return None;
    };
    after.status = Some(entry);
    let lost_grant = has_own_tokens(before) && !has_own_tokens(after);
    if lost_grant || narrowed(&before.allowed, &after.allowed) {
        // The next token is right, and those of before stay wrong.
        after.status = Some(fresh);
        return Some(entry.says(if after.disabled {
            StatusValue::Suspended
        } else {
            StatusValue::Stale
        }));
    }
    match (before.disabled, after.disabled) {
        (false, true) => Some(entry.says(StatusValue::Suspended)),
        (true, false) => Some(entry.says(StatusValue::Valid)),
        (false, false) | (true, true) => None,
    }
}

fn has_own_tokens(client: &Client) -> bool {
    client.grants.contains(&Grant::ClientCredentials)
}

impl Issuer {
    /// The client with an entry for its tokens; one of an older release is given it now, once.
    pub(crate) async fn with_entry(
        &self,
        client: Client,
        now: Time,
    ) -> Result<Option<Client>, Unavailable> {
        if client.status.is_some() {
            return Ok(Some(client));
        }
        let free = self.free_entry(now).await?;
        let store = &self.outside.store;
        store.give_client_entry(&client.id, free.entry).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::client::fixtures;

    const OLD: StatusRef = StatusRef { list: 1, index: 5 };
    const FRESH: StatusRef = StatusRef { list: 1, index: 9 };

    fn client(scopes: &str, disabled: bool) -> Client {
        Client {
            grants: BTreeSet::from([Grant::ClientCredentials]),
            allowed: BTreeMap::from([("orders".parse().unwrap(), scopes.parse().unwrap())]),
            disabled,
            status: Some(OLD),
            ..fixtures::client("svc")
        }
    }

    #[test]
    fn what_a_change_says_of_the_tokens_that_are_out() {
        use StatusValue::{Stale, Suspended, Valid};
        for (before, after, entry, says) in [
            (("a b", false), ("a b", false), OLD, None),
            (("a b", false), ("a b c", false), OLD, None),
            (("a b", false), ("a", false), FRESH, Some(Stale)),
            (("a b", false), ("a b", true), OLD, Some(Suspended)),
            (("a b", true), ("a b", false), OLD, Some(Valid)),
            (("a b", true), ("a b", true), OLD, None),
            (("a b", false), ("a", true), FRESH, Some(Suspended)),
            // Enabled with less: what was suspended must not come back to life.
            (("a b", true), ("a", false), FRESH, Some(Stale)),
            (("a b", true), ("a", true), FRESH, Some(Suspended)),
        ] {
            let (before, mut after) = (client(before.0, before.1), client(after.0, after.1));
            let said = reflect(&before, &mut after, FRESH);
            assert_eq!(after.status, Some(entry));
            assert_eq!(said, says.map(|value| OLD.says(value)));
        }
    }

    #[test]
    fn a_client_that_may_ask_no_more_has_no_valid_tokens() {
        let (before, mut after) = (client("a", false), client("a", false));
        after.grants.clear();
        assert_eq!(
            reflect(&before, &mut after, FRESH),
            Some(OLD.says(StatusValue::Stale))
        );
    }

    #[test]
    fn a_client_without_an_entry_gets_one_and_has_nothing_to_mark() {
        let (mut before, mut after) = (client("a b", false), client("a", true));
        before.status = None;
        assert_eq!(reflect(&before, &mut after, FRESH), None);
        assert_eq!(after.status, Some(FRESH));
    }
}
