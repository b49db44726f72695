//! A request that waits for the person: sealed text in a hidden field of the page, so that a visitor who is not logged in writes
//! nothing to the database.

use serde::{Deserialize, Serialize};

use crate::authorize::Parameters;
use crate::keys::MacKey;
use crate::sealed::{self, NotSealed, RANDOM, Waits};
use crate::{LoginId, Time};

/// What is sealed here is for nothing else.
const PURPOSE: &[u8] = b"authorization ticket";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub parameters: Parameters,
    /// When the client asked. A login from then on is a fresh one for this request.
    pub asked_at: Time,
    /// Whose answer the consent page awaits. `None`: it is a login page.
    pub consent_of: Option<LoginId>,
}

impl Ticket {
    pub fn seal(&self, key: &MacKey, random: [u8; RANDOM]) -> Result<String, NotSealed> {
        sealed::seal(self, PURPOSE, key, random)
    }

    /// Refused if it is too old as well.
    pub fn open(text: &str, key: &MacKey, now: Time) -> Result<Self, NotSealed> {
        sealed::open_from_page(text, PURPOSE, key, now)
    }
}

impl Waits for Ticket {
    fn since(&self) -> Time {
        self.asked_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Period;
    use crate::sealed::ON_A_PAGE;

    const NOW: Time = Time::from_secs(1_800_000_000);

    #[test]
    fn a_ticket_opens_as_it_was_sealed_until_it_expires() {
        let key = MacKey::new(1, &[1; 32]);
        let pair = ("state".to_owned(), "a state".to_owned());
        let ticket = Ticket {
            parameters: Parameters::new([pair]).unwrap(),
            asked_at: NOW,
            consent_of: Some(LoginId::new(NOW, [1; 10])),
        };
        let text = ticket.seal(&key, [3; RANDOM]).unwrap();
        let late = NOW + ON_A_PAGE;
        let in_time = Ticket::open(&text, &key, late - Period::millis(1));
        assert_eq!(in_time, Ok(ticket));
        assert_eq!(Ticket::open(&text, &key, late), Err(NotSealed));
    }
}
