//! The thief: copies the owner's token once, and uses the copy.

use keywright_domain::Time;

use super::life::{Life, Moment, PATIENCE_ALONE};
use super::random::Random;
use super::rule::{Answer, Rule, Token};
use super::scenario::Thief;

pub struct Theft {
    thief: Thief,
    /// Steals during the pause after this refresh of the owner.
    in_round: u32,
    /// What the thief can present; `None` before the theft and after a refusal.
    pub held: Option<Token>,
    pub first_use: Option<Time>,
    /// Refreshes of the owner since then.
    pub rounds_since: u32,
    /// The next refresh of the owner is the sign to begin.
    lurks: bool,
}

impl Theft {
    pub fn plan(thief: Thief, random: &mut Random) -> Self {
        Self {
            thief,
            in_round: u32::try_from(random.between(0, 6)).unwrap_or(0),
            held: None,
            first_use: None,
            rounds_since: 0,
            lurks: false,
        }
    }
}

impl<R: Rule> Life<'_, R> {
    /// Called when the owner begins to refresh: the theft happens somewhere in the pause that follows, and a thief who waits
    /// for the owner's next refresh begins.
    pub(super) fn thief_sees_refresh(&mut self) {
        let Some(theft) = &mut self.theft else { return };
        if self.owner.rounds == theft.in_round && theft.held.is_none() && theft.first_use.is_none()
        {
            let soon = self.random.secs(10, 170);
            self.after(soon, Moment::Steal);
            return;
        }
        if !theft.lurks {
            return;
        }
        theft.lurks = theft.thief == Thief::Shadow;
        let follows = if theft.thief == Thief::Race {
            self.random.millis(0, 400)
        } else {
            // The owner's request is under way for up to a second, and the grace time is 10.
            self.random.millis(1_000, 8_500)
        };
        self.after(follows, Moment::Use);
    }

    pub(super) fn steal(&mut self) {
        let copied = self.owner.held;
        let Some(theft) = &mut self.theft else { return };
        theft.held = Some(copied);
        let waits = match theft.thief {
            Thief::AtOnce | Thief::Poll => self.random.millis(0, 2_000),
            Thief::Later => self.random.secs(60, 3 * 3600),
            Thief::OwnerGone => {
                self.owner.gone = true;
                self.random.secs(60, 3600)
            }
            Thief::Race | Thief::InsideGrace | Thief::SameSchedule | Thief::Shadow => {
                theft.lurks = true;
                return;
            }
        };
        self.after(waits, Moment::Use);
    }

    pub(super) fn use_stolen(&mut self) {
        let Some(theft) = &mut self.theft else { return };
        let Some(held) = theft.held else { return };
        let (thief, first) = (theft.thief, theft.first_use.is_none());
        theft.first_use = theft.first_use.or(Some(self.now));
        if first {
            self.after(PATIENCE_ALONE, Moment::Judge);
        }
        let answer = self.present(held);
        let next = match thief {
            Thief::Poll => Some(self.random.secs(30, 120)),
            Thief::SameSchedule => Some(self.usual_wait()),
            Thief::Shadow => None,
            Thief::AtOnce | Thief::Later | Thief::Race | Thief::InsideGrace | Thief::OwnerGone => {
                Some(self.random.secs(60, 1200))
            }
        };
        if let Some(theft) = &mut self.theft {
            theft.held = match answer {
                Answer::Token(token) => Some(token),
                Answer::Refused => None,
            };
        }
        if let (Answer::Token(_), Some(wait)) = (answer, next) {
            self.after(wait, Moment::Use);
        }
    }
}
