//! A request to log out, sealed: while the person is asked, and while a browser takes it from a form to our own address. It holds the
//! ID token, which belongs in no log of addresses.

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::authorize::Parameters;
use crate::keys::MacKey;
use crate::sealed::{self, NotSealed, RANDOM, Waits};

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
        sealed::open_from_page(text, PURPOSE, key, now)
    }
}

impl Waits for Ticket {
    fn since(&self) -> Time {
        self.asked_at
    }
}
