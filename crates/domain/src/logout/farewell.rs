//! What a client is told of the end of a login: whose it was, and which session of its.

use serde::{Deserialize, Serialize};

use crate::client::ClientId;
use crate::webhook::{Addressee, Notice, NoticeId};
use crate::{SessionId, Time, UserId};

/// A session of a client that knows it by an ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell {
    pub client: ClientId,
    pub user: UserId,
    pub session: SessionId,
}

/// What waits in the outbox. The token is made at each attempt: it lives for two minutes.
#[derive(Serialize, Deserialize)]
struct Body {
    user: UserId,
    session: SessionId,
}

impl Farewell {
    /// To be told from `at` on.
    pub fn notice(&self, at: Time) -> Option<Notice> {
        let body = Body {
            user: self.user,
            session: self.session,
        };
        Some(Notice {
            id: NoticeId::of_session(self.session),
            to: Addressee::Client(self.client.clone()),
            // Two identifiers: there is nothing in it that JSON could not hold.
            body: serde_json::to_string(&body).ok()?,
            created_at: at,
            attempts: 0,
        })
    }

    /// What [`notice`](Farewell::notice) wrote for `client`.
    pub(super) fn read(client: &ClientId, body: &str) -> Option<Self> {
        let Body { user, session } = serde_json::from_str(body).ok()?;
        Some(Self {
            client: client.clone(),
            user,
            session,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_farewell_waits_under_the_name_of_its_session() {
        let at = Time::from_secs(1_800_000_000);
        let farewell = |n| Farewell {
            client: "app".parse().unwrap(),
            user: UserId::new(at, [1; 10]),
            session: SessionId::new(at, [n; 10]),
        };
        let notice = farewell(2).notice(at).unwrap();
        assert_eq!(notice.to, Addressee::Client("app".parse().unwrap()));
        let client = "app".parse().unwrap();
        assert_eq!(Farewell::read(&client, &notice.body), Some(farewell(2)));
        assert_eq!(Farewell::read(&client, "{}"), None);
        assert_eq!(notice.id, farewell(2).notice(at).unwrap().id);
        assert_ne!(notice.id, farewell(3).notice(at).unwrap().id);
    }
}
