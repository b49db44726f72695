//! The four rules that are compared. The first is the product's own; the others are what is common in the field.

use std::sync::Arc;

use anyhow::Result;
use keywright_domain::keys::MacKey;
use keywright_domain::session::rotation::{Decision, RefreshRules, decide, end_for_reuse};
use keywright_domain::session::{AnomalyRules, Ended, Family, Standing};
use keywright_domain::{Period, Time};

use crate::standing;

/// What a client is given and presents again; what it is made of is the rule's own affair.
pub type Token = u32;

/// The grace time of both rules that have one: the product's default.
pub const GRACE: Period = Period::secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Token(Token),
    Refused,
}

/// A server with one session.
pub trait Rule: Sized {
    /// What the store keeps: a lost write or a lagging replica brings an older one back.
    type Row: Clone;

    fn open() -> Result<Self>;
    fn first_token(&self) -> Token;
    fn present(&mut self, token: Token, now: Time) -> Answer;
    /// Whether reuse was detected.
    fn has_ended(&self) -> bool;
    fn row(&self) -> Self::Row;
    fn restore(&mut self, row: Self::Row);
}

/// `session::rotation::decide`, applied as the store applies it.
pub struct Keywright {
    standing: Standing,
    key: Arc<MacKey>,
    rules: RefreshRules,
}

impl Rule for Keywright {
    type Row = (Family, Option<Ended>);

    fn open() -> Result<Self> {
        let rules = RefreshRules {
            grace: GRACE,
            idle: Period::days(30),
            anomaly: AnomalyRules::OFF,
        };
        Ok(Self {
            standing: standing::opened(rules.idle)?,
            key: standing::server_key(),
            rules,
        })
    }

    fn first_token(&self) -> Token {
        self.standing.session.family.current
    }

    fn present(&mut self, token: Token, now: Time) -> Answer {
        let presented = standing::presented(self.standing.session.id, token, &self.key);
        match decide(&self.standing, &presented, &self.rules, now) {
            Decision::Rotate(family) | Decision::Keep(family) | Decision::Recover(family) => {
                self.standing.session.family = family;
            }
            Decision::Repeat => {}
            Decision::Reuse => {
                let (ended, _) = end_for_reuse(&self.standing, &presented, now);
                self.standing.session.ended = Some(ended);
                return Answer::Refused;
            }
            // Who looks at more than the token is switched off here, so that the rules are compared as rules.
            Decision::Refuse(_) | Decision::StepUp(_) | Decision::EndAsAnomalous(_) => {
                return Answer::Refused;
            }
        }
        Answer::Token(self.standing.session.family.current)
    }

    fn has_ended(&self) -> bool {
        self.standing.session.ended.is_some()
    }

    fn row(&self) -> Self::Row {
        let session = &self.standing.session;
        (session.family.clone(), session.ended)
    }

    fn restore(&mut self, (family, ended): Self::Row) {
        self.standing.session.family = family;
        self.standing.session.ended = ended;
    }
}

/// Random tokens with a memory of when each was used: strict rotation is this with no grace.
///
/// Within `grace` of its first use a token is exchanged again, for a *further* successor. That is the "reuse interval" or
/// "leeway" that many servers offer against lost responses: it opens a second branch.
pub struct Branching<const GRACE_SECS: i64> {
    known: Vec<Issued>,
    ended: bool,
    /// Not part of the row: a token that a lost write forgot is never made again.
    made: Token,
}

#[derive(Clone, Copy)]
pub struct Issued {
    token: Token,
    used_at: Option<Time>,
}

pub type Strict = Branching<0>;
pub type FixedGrace = Branching<10>;

impl<const GRACE_SECS: i64> Rule for Branching<GRACE_SECS> {
    type Row = (Vec<Issued>, bool);

    fn open() -> Result<Self> {
        let first = Issued {
            token: 1,
            used_at: None,
        };
        Ok(Self {
            known: vec![first],
            ended: false,
            made: first.token,
        })
    }

    fn first_token(&self) -> Token {
        self.made
    }

    fn present(&mut self, token: Token, now: Time) -> Answer {
        let found = self.known.iter_mut().rev().find(|kept| kept.token == token);
        let Some(kept) = found.filter(|_| !self.ended) else {
            return Answer::Refused;
        };
        let grace = Period::secs(GRACE_SECS);
        let tolerated = |first: Time| grace > Period::ZERO && now.since(first) <= grace;
        if kept.used_at.is_some_and(|first| !tolerated(first)) {
            self.ended = true;
            return Answer::Refused;
        }
        kept.used_at = kept.used_at.or(Some(now));
        self.made += 1;
        self.known.push(Issued {
            token: self.made,
            used_at: None,
        });
        Answer::Token(self.made)
    }

    fn has_ended(&self) -> bool {
        self.ended
    }

    fn row(&self) -> Self::Row {
        (self.known.clone(), self.ended)
    }

    fn restore(&mut self, (known, ended): Self::Row) {
        self.known = known;
        self.ended = ended;
    }
}

/// One token for the whole life of the session: nothing is ever superseded, so nothing can be reused.
pub struct NoDetection;

impl Rule for NoDetection {
    type Row = ();

    fn open() -> Result<Self> {
        Ok(Self)
    }

    fn first_token(&self) -> Token {
        1
    }

    fn present(&mut self, token: Token, _: Time) -> Answer {
        Answer::Token(token)
    }

    fn has_ended(&self) -> bool {
        false
    }

    fn row(&self) -> Self::Row {}

    fn restore(&mut self, (): Self::Row) {}
}
