//! Asking for records.

use std::fmt;

use crate::access::{Audience, Scope};
use crate::client::ClientId;
use crate::ledger::{GrantType, Jti, TokenClass, TokenKind};
use crate::session::EndReason;
use crate::{SessionId, Time, UserId};

/// Which tokens; a criterion that is absent is met by all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFilter {
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub client: Option<ClientId>,
    pub audience: Option<Audience>,
    /// The key that signed it.
    pub kid: Option<String>,
    /// A scope that it carries, perhaps among others.
    pub scope: Option<Scope>,
    pub grant: Option<GrantType>,
    pub kind: Option<TokenKind>,
    /// Issued then or later.
    pub since: Option<Time>,
    /// Issued before then.
    pub until: Option<Time>,
}

/// A page of living tokens, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenQuery {
    pub filter: TokenFilter,
    pub live_at: Time,
    /// Those behind this one, which are older.
    pub after: Option<Jti>,
    pub limit: u32,
}

/// A stretch of the ledger within a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenSpan {
    /// The first that belongs to it.
    pub from: Jti,
    /// The first behind it.
    pub before: Jti,
}

/// A token as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub jti: Jti,
    pub class: TokenClass,
    pub session: Option<SessionId>,
    /// Whose session it is, as long as the session's row is kept.
    pub user: Option<UserId>,
    pub ended: Option<EndReason>,
}

/// What its session makes of a token that has not died of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    Valid,
    Revoked,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCount {
    pub tokens: u64,
    /// There are more than were counted.
    pub more: bool,
}

/// How many tokens of one class were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassCount {
    pub class: TokenClass,
    pub count: TokenCount,
}

impl TokenFilter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether tokens of `class` meet the criteria that a class can meet.
    pub fn admits(&self, class: &TokenClass) -> bool {
        fn met<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        let scope = self.scope.as_ref();
        met(self.client.as_ref(), &class.client)
            && met(self.audience.as_ref(), &class.audience)
            && met(self.kid.as_ref(), &class.kid)
            && met(self.grant.as_ref(), &class.grant)
            && met(self.kind.as_ref(), &class.kind)
            && scope.is_none_or(|scope| class.scope.contains(scope.as_str()))
    }
}

/// For the audit log: identifiers alone.
impl fmt::Display for TokenFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut criteria = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            criteria.extend(value.map(|value| format!("{name}={value}")));
        };
        add("user", self.user.map(|id| id.to_string()));
        add("session", self.session.map(|id| id.to_string()));
        add("client", self.client.as_ref().map(ToString::to_string));
        add("audience", self.audience.as_ref().map(ToString::to_string));
        add("key", self.kid.clone());
        add(
            "scope",
            self.scope.as_ref().map(|one| one.as_str().to_owned()),
        );
        add("grant", self.grant.map(|grant| grant.as_str().to_owned()));
        add("kind", self.kind.map(|kind| kind.as_str().to_owned()));
        add("since", self.since.map(|at| at.secs().to_string()));
        add("until", self.until.map(|at| at.secs().to_string()));
        f.write_str(&criteria.join(" "))
    }
}

impl Recorded {
    /// `None` for a client's own token: what became of the client since is for the status lists to tell.
    pub fn state(&self) -> Option<TokenState> {
        self.session.map(|_| match (self.user, self.ended) {
            (Some(_), None) => TokenState::Valid,
            // Ended so long ago that its row is gone, or ended.
            (None, _) | (_, Some(_)) => TokenState::Revoked,
        })
    }
}

impl TokenState {
    pub const fn as_str(self) -> &'static str {
        match self {
            TokenState::Valid => "valid",
            TokenState::Revoked => "revoked",
        }
    }
}

impl TokenQuery {
    /// Where in `class` the tokens lie that are asked for; `None` if there can be none.
    pub fn span(&self, class: &TokenClass) -> Option<TokenSpan> {
        let alive = class.first_alive(self.live_at);
        let from = self.filter.since.map_or(alive, |since| since.max(alive));
        let (from, before) = (Jti::first_at(from), self.before());
        (from < before).then_some(TokenSpan { from, before })
    }

    /// Behind all that are asked for, of whatever class.
    pub fn before(&self) -> Jti {
        match (self.filter.until.map(Jti::first_at), self.after) {
            (Some(until), Some(after)) => until.min(after),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Jti::from_bytes([0xff; 16]),
        }
    }
}

impl std::ops::AddAssign for TokenCount {
    fn add_assign(&mut self, other: Self) {
        self.tokens += other.tokens;
        self.more |= other.more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Period;

    fn class() -> TokenClass {
        TokenClass {
            client: "svc".parse().unwrap(),
            audience: "orders".parse().unwrap(),
            scope: "read:orders write:orders".parse().unwrap(),
            kid: "k1".to_owned(),
            grant: GrantType::ClientCredentials,
            kind: TokenKind::AccessToken,
            lifetime: Period::secs(300),
        }
    }

    #[test]
    fn each_criterion_of_a_class_counts() {
        let filter = TokenFilter::default;
        let admitted = [
            filter(),
            TokenFilter {
                client: Some("svc".parse().unwrap()),
                ..filter()
            },
            TokenFilter {
                audience: Some("orders".parse().unwrap()),
                ..filter()
            },
            TokenFilter {
                kid: Some("k1".to_owned()),
                ..filter()
            },
            TokenFilter {
                scope: Some("read:orders".parse().unwrap()),
                ..filter()
            },
            TokenFilter {
                grant: Some(GrantType::ClientCredentials),
                ..filter()
            },
        ];
        for filter in admitted {
            assert!(filter.admits(&class()), "{filter:?}");
        }
        let refused = [
            TokenFilter {
                client: Some("sv".parse().unwrap()),
                ..filter()
            },
            TokenFilter {
                audience: Some("order".parse().unwrap()),
                ..filter()
            },
            TokenFilter {
                kid: Some("k".to_owned()),
                ..filter()
            },
            TokenFilter {
                scope: Some("read".parse().unwrap()),
                ..filter()
            },
            TokenFilter {
                grant: Some(GrantType::Login),
                ..filter()
            },
            TokenFilter {
                kind: Some(TokenKind::IdToken),
                ..filter()
            },
        ];
        for filter in refused {
            assert!(!filter.admits(&class()), "{filter:?}");
        }
    }

    #[test]
    fn a_span_holds_what_lives_and_was_issued_in_time() {
        let now = Time::from_millis(1_800_000_000_500);
        let query = |since: Option<Time>, until: Option<Time>, after: Option<Jti>| TokenQuery {
            filter: TokenFilter {
                since,
                until,
                ..TokenFilter::default()
            },
            live_at: now,
            after,
            limit: 1,
        };
        let within = |query: &TokenQuery, issued: Time| {
            let jti = Jti::new(issued, [7; 10]);
            query
                .span(&class())
                .is_some_and(|span| span.from <= jti && jti < span.before)
        };
        let all = query(None, None, None);
        for age in [0, 1, 299_499, 299_500, 299_501, 300_500, 301_000] {
            let issued = now - Period::millis(age);
            assert_eq!(within(&all, issued), class().dies_at(issued) > now, "{age}");
        }
        let (early, late) = (now - Period::secs(200), now - Period::secs(100));
        let between = query(Some(early), Some(late), None);
        assert!(within(&between, early) && within(&between, late - Period::millis(1)));
        assert!(!within(&between, early - Period::millis(1)) && !within(&between, late));
        let paged = query(None, None, Some(Jti::new(late, [7; 10])));
        assert!(!within(&paged, late) && within(&paged, late - Period::millis(1)));
        assert_eq!(query(Some(late), Some(early), None).span(&class()), None);
    }
}
