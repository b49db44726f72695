//! A token that is minted because of another (RFC 8693): for another client, by way of whoever acts, and no longer alive than that one.

use keywright_jwt::Actor;

use crate::Period;
use crate::client::ClientId;

#[derive(Clone, Debug)]
pub(crate) struct Delegation {
    /// Who asked for it.
    pub client: ClientId,
    /// Who acts for the subject, the last one first (§4.1).
    pub acts: Vec<String>,
    /// What is left of the other token's life.
    pub longest: Period,
    /// Whether that client is registered for the FAPI profile.
    pub fapi: bool,
}

/// Lifetimes are a column of the ledger's classes, of which there should be few.
const STEP: i64 = 15;

impl Delegation {
    /// At most what the API's tokens live, and what is left; cut to steps, so that it is never longer than that.
    pub fn lifetime(&self, of_api: Period) -> Period {
        let left = self.longest.as_secs();
        if left >= of_api.as_secs() {
            return of_api;
        }
        let cut = left - left % STEP;
        Period::secs(if cut > 0 { cut } else { left })
    }
}

/// Calls `write` with the claim `act` for `acts`, each inside the one that acted after it.
pub(super) fn with_actors<T>(
    acts: &[String],
    inner: Option<&Actor<'_>>,
    write: &dyn Fn(Option<Actor<'_>>) -> T,
) -> T {
    match acts.split_last() {
        None => write(inner.copied()),
        Some((first, later)) => {
            let actor = Actor {
                sub: first,
                act: inner,
            };
            with_actors(later, Some(&actor), write)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lives_no_longer_than_the_other_token_and_the_apis_own() {
        for (left, of_api, lives) in [
            (300, 300, 300),
            (400, 300, 300),
            (299, 300, 285),
            (60, 300, 60),
            (16, 300, 15),
            (14, 300, 14),
            (1, 300, 1),
            (20, 10, 10),
        ] {
            let delegation = Delegation {
                client: "svc".parse().unwrap(),
                acts: Vec::new(),
                longest: Period::secs(left),
                fapi: false,
            };
            let lifetime = delegation.lifetime(Period::secs(of_api));
            assert_eq!(lifetime, Period::secs(lives), "{left} of {of_api}");
        }
    }

    #[test]
    fn the_last_actor_stands_outside() {
        let names = |count: usize| -> Vec<String> {
            ["c", "b", "a"][..count]
                .iter()
                .map(|name| (*name).to_owned())
                .collect()
        };
        let written = |count| {
            with_actors(&names(count), None, &|act| {
                serde_json::to_string(&act).unwrap()
            })
        };
        assert_eq!(written(0), "null");
        assert_eq!(written(1), r#"{"sub":"c"}"#);
        assert_eq!(
            written(3),
            r#"{"sub":"c","act":{"sub":"b","act":{"sub":"a"}}}"#
        );
    }
}
