//! What a login is.

use std::net::IpAddr;

use crate::secret::HashedSecret;
use crate::{LoginId, Time, UserId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub id: LoginId,
    pub user: UserId,
    /// Of the cookie's value.
    pub secret: HashedSecret,
    /// RFC 8176 method references.
    pub amr: Vec<String>,
    /// When the person proved who they are; a new proof is a new login.
    pub authenticated_at: Time,
    /// Use pushes this forward.
    pub idle_until: Time,
    /// Nothing pushes this.
    pub expires_at: Time,
    pub ended: Option<Time>,
    /// The user agent that logged in, cut short.
    pub device: Option<String>,
    pub address: Option<IpAddr>,
    pub created_at: Time,
}

impl Login {
    /// Neither ended nor aged out.
    pub fn is_live(&self, now: Time) -> bool {
        self.ended.is_none() && now < self.idle_until && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::PlainSecret;

    #[test]
    fn login_lives_until_the_first_of_its_three_ends() {
        let at = Time::from_secs;
        let login = |idle_until: i64, expires_at: i64, ended: Option<i64>| Login {
            id: LoginId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            secret: HashedSecret::of(&PlainSecret::new("kwb_")),
            amr: vec!["pwd".to_owned()],
            authenticated_at: at(0),
            idle_until: at(idle_until),
            expires_at: at(expires_at),
            ended: ended.map(at),
            device: None,
            address: None,
            created_at: at(0),
        };
        for (idle_until, expires_at, ended, lives) in [
            (101, 101, None, true),
            (100, 101, None, false),
            (101, 100, None, false),
            (101, 101, Some(99), false),
            // Another node's clock is ahead: what has ended has ended.
            (101, 101, Some(200), false),
        ] {
            let login = login(idle_until, expires_at, ended);
            assert_eq!(login.is_live(at(100)), lives, "{login:?}");
        }
    }
}
