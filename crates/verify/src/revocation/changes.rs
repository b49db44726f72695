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
        if self.recent.len() >= MAX_CHANGES {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn change(uri: &str, index: u64, at: i64) -> StatusChange {
        StatusChange {
            uri: uri.to_owned(),
            index,
            value: 1,
            at,
        }
    }

    fn since(changes: &Changes, uri: &str, issued_at: i64) -> Vec<u64> {
        let found = changes.since(uri, issued_at);
        found.map(|change| change.index).collect()
    }

    #[test]
    fn a_list_lacks_what_came_in_its_second_or_later() {
        let mut changes = Changes::default();
        for (uri, index, at) in [("a", 1, 10), ("b", 2, 11), ("a", 3, 11), ("a", 4, 12)] {
            changes.push(change(uri, index, at));
        }
        assert_eq!(since(&changes, "a", 10), [1, 3, 4]);
        assert_eq!(since(&changes, "a", 11), [3, 4]);
        changes.settle("a", 11);
        assert_eq!(since(&changes, "a", 0), [3, 4]);
        assert_eq!(since(&changes, "b", 0), [2]);
    }

    #[test]
    fn the_oldest_change_makes_place_for_the_newest() {
        let mut changes = Changes::default();
        for index in 0..MAX_CHANGES as u64 + 2 {
            changes.push(change("a", index, 10));
        }
        let kept = since(&changes, "a", 0);
        assert_eq!((kept.len(), kept[0]), (MAX_CHANGES, 2));
    }
}
