//! A request to log out, sealed: while the person is asked, and while a browser takes it from a form to our own address. It holds the
//! ID token, which belongs in no log of addresses.

use serde::{Deserialize, Serialize};

use crate::authorize::Parameters;
use crate::keys::MacKey;
use crate::sealed::{self, NotSealed, RANDOM};
use crate::{Period, Time};

/// How long a person may take over the page.
const LIFETIME: Period = Period::minutes(30);
/// What is sealed here is for nothing else.
const PURPOSE: &[u8] = b"logout ticket";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub parameters: Parameters,
    pub asked_at: Time,
}

impl Ticket {
    pub fn seal(&self, key: &MacKey, random: [u8; RANDOM]) -> Result<String, NotSealed> {
        sealed::seal(self, PURPOSE, key, random)
    }

    /// Refused if it is too old as well.
    pub fn open(text: &str, key: &MacKey, now: Time) -> Result<Self, NotSealed> {
        let ticket: Self = sealed::open(text, PURPOSE, key)?;
        if now < ticket.asked_at + LIFETIME {
            Ok(ticket)
        } else {
            Err(NotSealed)
        }
    }
}
