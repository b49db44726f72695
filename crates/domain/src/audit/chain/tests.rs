use super::*;
use crate::audit::{BrokenChain, ChainCheck};

fn key() -> ChainKey {
    ChainKey::new(&[5; 32])
}

fn log(length: i64) -> (Vec<Entry>, Head) {
    let mut previous = Hash::ZERO;
    let entries: Vec<Entry> = (1..=length)
        .map(|seq| {
            let mut entry = Entry {
                chain: "main".to_owned(),
                seq,
                at: 1_800_000_000_000 + seq,
                kind: "session.ended".to_owned(),
                actor: "issuer".to_owned(),
                user: Some(format!("user {seq}")),
                session: None,
                client: Some("web".to_owned()),
                address: None,
                detail: Some("logout".to_owned()),
                hash: Hash::ZERO,
            };
            entry.hash = key().hash(&previous, &entry);
            previous = entry.hash;
            entry
        })
        .collect();
    (entries, key().head("main", length, previous))
}

fn check(entries: &[Entry], head: &Head) -> Result<i64, BrokenChain> {
    let key = key();
    let mut check = ChainCheck::new(&key, "main");
    entries.iter().try_for_each(|entry| check.add(entry))?;
    Ok(check.finish(head)?.entries)
}

#[test]
fn an_untouched_log_holds() {
    let (entries, head) = log(20);
    assert_eq!(check(&entries, &head), Ok(20));
}

/// Invariant 11.
#[test]
fn any_edit_removal_or_reordering_is_found() {
    type Tamper = fn(&mut Vec<Entry>, &mut Head);
    let cases: [(&str, Tamper); 11] = [
        ("edited kind", |log, _| log[7].kind = "x".to_owned()),
        ("edited time", |log, _| log[7].at += 1),
        ("edited user", |log, _| log[7].user = None),
        ("a member moved into its neighbour", |log, _| {
            log[7].address = log[7].detail.take();
        }),
        ("edited hash", |log, _| log[7].hash = Hash::ZERO),
        ("removed", |log, _| drop(log.remove(7))),
        ("swapped", |log, _| log.swap(7, 8)),
        ("the end cut off", |log, _| log.truncate(15)),
        ("the end cut off, the head set back", |log, head| {
            log.truncate(15);
            (head.seq, head.hash) = (15, log[14].hash);
        }),
        ("rebuilt with another key", |log, head| {
            let forger = ChainKey::new(&[6; 32]);
            log[19].detail = None;
            log[19].hash = forger.hash(&log[18].hash, &log[19]);
            *head = forger.head("main", 20, log[19].hash);
        }),
        ("emptied", |log, _| log.clear()),
    ];
    for (what, tamper) in cases {
        let (mut entries, mut head) = log(20);
        tamper(&mut entries, &mut head);
        assert!(check(&entries, &head).is_err(), "{what}");
    }
}
