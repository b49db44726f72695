//! What `ports::Outbox` promises.

use keywright_domain::Period;
use keywright_domain::account::{Letter, LetterKind, LinkId};
use keywright_domain::audit::Effects;
use keywright_domain::ports::{Outbox, Users};

use crate::kit::*;

on_both_engines! {
    letters_are_read_back_as_written,
    a_letter_goes_to_one_sender_at_a_time,
    a_letter_that_was_sent_is_gone,
}

fn letter(n: u8, kind: LetterKind) -> Letter {
    let user = user(n.into());
    Letter {
        id: [n; 16],
        to: user.email,
        user: Some(user.id),
        kind,
        created_at: NOW + Period::secs(n.into()),
    }
}

async fn post(database: &Database, letters: &[Letter]) {
    let left = Effects {
        letters: letters.to_vec(),
        ..none()
    };
    database.store.record(&left).await.unwrap();
}

async fn letters_are_read_back_as_written(database: &Database) {
    let mut letters = vec![
        letter(1, LetterKind::VerifyEmail(LinkId([1; 16]))),
        letter(2, LetterKind::AlreadyRegistered),
        letter(3, LetterKind::UsernameTaken("user3".parse().unwrap())),
        letter(4, LetterKind::ResetPassword(LinkId([2; 16]))),
        letter(5, LetterKind::PasswordChanged),
        letter(6, LetterKind::TheftDetected),
    ];
    letters[2].user = None;
    post(database, &letters).await;
    let now = NOW + Period::minutes(1);
    assert_eq!(database.store.due_letters(now, now, 10).await, Ok(letters));
}

async fn a_letter_goes_to_one_sender_at_a_time(database: &Database) {
    let other = database.second_node().await;
    let letters = [1, 2, 3, 4].map(|n| letter(n, LetterKind::PasswordChanged));
    post(database, &letters).await;
    let (now, retry) = (NOW + Period::minutes(1), NOW + Period::minutes(2));
    let (mine, theirs) = tokio::join!(
        database.store.due_letters(now, retry, 2),
        other.due_letters(now, retry, 2)
    );
    let mut taken = [mine.unwrap(), theirs.unwrap()].concat();
    // On PostgreSQL one of the two may find nothing left to look at that is not locked; what counts is no letter twice.
    taken.extend(database.store.due_letters(now, retry, 10).await.unwrap());
    taken.sort_by_key(|letter| letter.id);
    assert_eq!(taken, letters);
    assert_eq!(database.store.due_letters(now, retry, 10).await, Ok(vec![]));
    let again = database
        .store
        .due_letters(retry, NOW + Period::minutes(3), 10)
        .await
        .unwrap();
    assert_eq!(again, letters, "unsent letters come back");
}

async fn a_letter_that_was_sent_is_gone(database: &Database) {
    let letters = [1, 2].map(|n| letter(n, LetterKind::PasswordChanged));
    post(database, &letters).await;
    database.store.letter_sent(letters[0].id).await.unwrap();
    let now = NOW + Period::minutes(1);
    assert_eq!(
        database.store.due_letters(now, now, 10).await.unwrap(),
        letters[1..]
    );
}
