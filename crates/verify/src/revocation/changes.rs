use std::collections::VecDeque;

use super::StatusChange;

/// Pushed changes that the published lists may not contain yet. A list that was published before a change, by a cache on
/// the way for instance, must not undo it.
#[derive(Default)]
pub(super) struct Changes {
    recent: VecDeque<StatusChange>,
}

/// An issuer that changes more entries than this between two publications has its lists taken as they are.
const MAX_CHANGES: usize = 65_536;

impl Changes {
    pub fn push(&mut self, change: StatusChange) {
        if self.recent.len() == MAX_CHANGES {
            self.recent.pop_front();
        }
        self.recent.push_back(change);
    }

    /// Changes that a list published at `issued_at` may lack, in the order in which they came.
    pub fn since(&self, uri: &str, issued_at: i64) -> impl Iterator<Item = &StatusChange> {
        self.recent
            .iter()
            .filter(move |change| change.uri == uri && change.at >= issued_at)
    }

    /// Forgets what a list published at `issued_at` contains.
    pub fn settle(&mut self, uri: &str, issued_at: i64) {
        self.recent
            .retain(|change| change.uri != uri || change.at >= issued_at);
    }
}
