use super::{EventKind, SecurityEvent};

/// How far a follower has come. An event counts once, in its turn, or not at all.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The last event that was applied; `None` before the first snapshot.
    position: Option<u64>,
    heartbeat_at: i64,
    /// Where events were missed last.
    missed_at: Option<u64>,
}

/// What to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is the next one.
    Apply,
    /// Everything up to now has been applied.
    Confirm,
    /// What is known has a gap: fetch it anew.
    StartOver,
    /// It was applied before, or says nothing new.
    Ignore,
    /// One or more before it never came.
    Missed,
}

impl Progress {
    pub fn position(&self) -> Option<u64> {
        self.position
    }

    /// Decides about the next event of a connection, and counts it.
    pub fn judge(&mut self, event: &SecurityEvent) -> Step {
        let reached = self.position;
        match &event.kind {
            EventKind::Snapshot => {
                self.position = Some(event.position);
                self.missed_at = None;
                Step::StartOver
            }
            EventKind::Heartbeat if reached < Some(event.position) => Step::Missed,
            // The head went back, which only another connection can explain; or this one is a replay.
            EventKind::Heartbeat
                if reached > Some(event.position) || event.issued_at < self.heartbeat_at =>
            {
                Step::Ignore
            }
            EventKind::Heartbeat => {
                self.heartbeat_at = event.issued_at;
                self.missed_at = None;
                Step::Confirm
            }
            EventKind::StatusChanged { .. }
            | EventKind::KeysChanged { .. }
            | EventKind::KeyRevoked { .. }
            | EventKind::Other => self.judge_numbered(event.position),
        }
    }

    fn judge_numbered(&mut self, position: u64) -> Step {
        match self.position {
            Some(reached) if position <= reached => Step::Ignore,
            Some(reached) if position == reached + 1 => {
                self.position = Some(position);
                Step::Apply
            }
            Some(_) | None => Step::Missed,
        }
    }

    /// An event was missed or cannot be believed: the next connection asks for what came behind the last one. If that did
    /// not help at the same place before, only a snapshot does: the issuer may have lost the event, or have signed it with a
    /// key that has been revoked since.
    pub fn miss(&mut self) {
        if self.missed_at.is_some() && self.missed_at == self.position {
            self.position = None;
        }
        self.missed_at = self.position;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::EventStream;

    fn event(position: u64, kind: EventKind) -> SecurityEvent {
        SecurityEvent {
            position,
            issued_at: 100 + position.cast_signed(),
            kind,
        }
    }

    /// Events by number and letter, and what is to be done with each.
    type Case = (&'static [(u64, char)], &'static [Step]);

    fn judge(progress: &mut Progress, numbers: &[(u64, char)]) -> Vec<Step> {
        let kind = |letter| match letter {
            's' => EventKind::Snapshot,
            'h' => EventKind::Heartbeat,
            _ => EventKind::Other,
        };
        let events = numbers
            .iter()
            .map(|(number, letter)| event(*number, kind(*letter)));
        events.map(|event| progress.judge(&event)).collect()
    }

    #[test]
    fn an_event_counts_once_and_in_its_turn() {
        use Step::{Apply, Confirm, Ignore, Missed, StartOver};
        let cases: [Case; 8] = [
            (&[(1, 'e')], &[Missed]),
            (&[(1, 'h')], &[Missed]),
            (
                &[(0, 's'), (0, 'h'), (1, 'e'), (1, 'h')],
                &[StartOver, Confirm, Apply, Confirm],
            ),
            (
                &[(5, 's'), (6, 'e'), (6, 'e'), (5, 'e'), (7, 'e')],
                &[StartOver, Apply, Ignore, Ignore, Apply],
            ),
            (&[(5, 's'), (7, 'e'), (6, 'e')], &[StartOver, Missed, Apply]),
            (&[(5, 's'), (6, 'h')], &[StartOver, Missed]),
            (&[(5, 's'), (6, 'e'), (5, 'h')], &[StartOver, Apply, Ignore]),
            (
                &[(9, 's'), (3, 's'), (4, 'e')],
                &[StartOver, StartOver, Apply],
            ),
        ];
        for (events, steps) in cases {
            assert_eq!(judge(&mut Progress::default(), events), steps, "{events:?}");
        }
    }

    #[test]
    fn an_old_heartbeat_confirms_nothing() {
        let mut progress = Progress::default();
        judge(&mut progress, &[(5, 's'), (5, 'h')]);
        let replayed = SecurityEvent {
            issued_at: 104,
            ..event(5, EventKind::Heartbeat)
        };
        assert_eq!(progress.judge(&replayed), Step::Ignore);
    }

    #[test]
    fn what_cannot_be_had_by_asking_again_is_had_by_a_snapshot() {
        let mut progress = Progress::default();
        judge(&mut progress, &[(5, 's')]);
        progress.miss();
        assert_eq!(progress.position(), Some(5));
        judge(&mut progress, &[(6, 'e')]);
        progress.miss();
        assert_eq!(progress.position(), Some(6));
        progress.miss();
        assert_eq!(progress.position(), None);
        progress.miss();
        assert_eq!(
            judge(&mut progress, &[(9, 's'), (10, 'e')]),
            [Step::StartOver, Step::Apply]
        );
    }

    #[test]
    fn a_place_where_events_were_missed_once_is_not_held_against_a_connection_that_went_well() {
        let mut progress = Progress::default();
        judge(&mut progress, &[(5, 's')]);
        progress.miss();
        judge(&mut progress, &[(5, 'h')]);
        progress.miss();
        assert_eq!(progress.position(), Some(5));
    }

    /// What an issuer with 40 events sends to a follower that has come to `position`.
    fn wire(position: Option<u64>) -> String {
        let (mut text, from) = match position {
            Some(position) => (String::new(), position),
            None => ("id: 10\nevent: snapshot\ndata: 10 s\n\n".to_owned(), 10),
        };
        for number in from + 1..=40 {
            text.push_str(&format!("id: {number}\nevent: set\ndata: {number} e\n\n"));
            text.push_str(&format!("event: heartbeat\ndata: {number} h\n\n"));
        }
        text
    }

    fn parse(data: &str) -> SecurityEvent {
        let (number, letter) = data.split_once(' ').unwrap();
        let kind = match letter {
            "s" => EventKind::Snapshot,
            "h" => EventKind::Heartbeat,
            _ => EventKind::Other,
        };
        event(number.parse().unwrap(), kind)
    }

    #[test]
    fn a_cut_at_any_byte_loses_no_event_and_repeats_none() {
        for cut in 0..wire(None).len() {
            let (mut progress, mut applied) = (Progress::default(), Vec::new());
            for limit in [cut, usize::MAX] {
                let text = wire(progress.position());
                let arrived = &text.as_bytes()[..text.len().min(limit)];
                for message in EventStream::default().read(arrived).unwrap() {
                    let event = parse(&message.data);
                    let step = progress.judge(&event);
                    assert!(!matches!(step, Step::Ignore | Step::Missed), "{step:?}");
                    if step == Step::Apply {
                        applied.push(event.position);
                    }
                }
            }
            assert!(
                applied.iter().copied().eq(11..=40),
                "cut at {cut}: {applied:?}"
            );
        }
    }
}
