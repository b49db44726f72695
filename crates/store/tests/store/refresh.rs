//! Rotation as `ports::Sessions::rotate` promises it. The rule itself is proved in `domain`; this is about what is stored.

use keywright_domain::audit::EventKind;
use keywright_domain::client::Client;
use keywright_domain::ports::{Clients, Sessions, Users};
use keywright_domain::session::rotation::{Continued, RefreshRules, Refused, Rotation};
use keywright_domain::session::{AnomalyResponse, AnomalyRules, EndReason, Family, Session};
use keywright_domain::{Period, Time};

use crate::kit::database::{count_events, proved_log};
use crate::kit::*;

on_both_engines! {
    the_current_token_rotates_and_the_row_moves,
    a_kept_token_stays_the_current_one_and_its_row_lives_on,
    the_answer_is_the_session_as_stored,
    a_superseded_token_gets_the_current_one_within_grace,
    reused_token_ends_the_session_with_one_event,
    a_token_ahead_of_the_row_moves_it_forward_and_is_logged,
    a_forged_token_changes_nothing,
    a_disabled_client_refreshes_nothing,
    a_deleted_user_refreshes_nothing,
    an_ended_session_refreshes_nothing,
    repeated_step_ups_of_a_session_are_on_record_once_an_hour,
    repeats_that_are_unlike_the_last_use_are_on_record_once,
}

async fn rotate(database: &Database, session: &Session, sequence: u32, now: Time) -> Rotation {
    database
        .store
        .rotate(&presented(session, sequence), &RULES, &minted, now)
        .await
        .unwrap()
}

fn how(rotation: &Rotation) -> Option<(Continued, u32)> {
    match rotation {
        Rotation::Current { standing, how, .. } => Some((*how, standing.session.family.current)),
        Rotation::Reused(_)
        | Rotation::StepUp
        | Rotation::EndedAsAnomalous(_)
        | Rotation::Refused(_) => None,
    }
}

async fn the_current_token_rotates_and_the_row_moves(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    for sequence in 1..=20 {
        let now = NOW + Period::minutes(sequence.into());
        let rotation = rotate(database, &session, sequence, now).await;
        assert_eq!(how(&rotation), Some((Continued::Rotated, sequence + 1)));
        let row = stored(&database.store, &session).await;
        assert_eq!(row.family.current, sequence + 1);
        assert_eq!(row.family.superseded, [now]);
        assert_eq!(row.family.idle_until, now + RULES.idle);
        assert_eq!(row.last_used_at, now);
        assert_eq!(row.address, Some([198, 51, 100, 7].into()));
    }
    let events = proved_log(&database.store).await;
    assert_eq!(events.len(), 1, "a refresh is no event: {events:?}");
}

async fn a_kept_token_stays_the_current_one_and_its_row_lives_on(database: &Database) {
    let mut fapi = client(2);
    fapi.registration.fapi = true;
    database.store.insert_client(&fapi, &none()).await.unwrap();
    let user = a_user(&database.store, 1).await;
    let session = Session {
        client: fapi.id,
        ..session(1, &user)
    };
    let opened = database.store.open(&session, user.epoch, &none()).await;
    assert_eq!(opened, Ok(true));
    for minute in 1..=3 {
        let now = NOW + Period::minutes(minute);
        let rotation = rotate(database, &session, 1, now).await;
        assert_eq!(how(&rotation), Some((Continued::Kept, 1)));
        let row = stored(&database.store, &session).await;
        let (family, idle_until) = (session.family.clone(), now + RULES.idle);
        assert_eq!(
            row.family,
            Family {
                idle_until,
                ..family
            }
        );
        assert_eq!(row.last_used_at, now);
    }
    let late = NOW + Period::minutes(3) + RULES.idle;
    assert_eq!(
        rotate(database, &session, 1, late).await,
        Rotation::Refused(Refused::Expired)
    );
}

async fn the_answer_is_the_session_as_stored(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    let rotation = rotate(database, &session, 1, NOW + Period::secs(1)).await;
    let Rotation::Current { standing, .. } = rotation else {
        panic!("{rotation:?}")
    };
    assert_eq!(
        database.store.standing(session.id).await,
        Ok(Some(*standing))
    );
}

async fn a_superseded_token_gets_the_current_one_within_grace(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    rotate(database, &session, 1, NOW).await;
    let before = stored(&database.store, &session).await;
    let again = rotate(database, &session, 1, NOW + RULES.grace).await;
    assert_eq!(how(&again), Some((Continued::Repeated, 2)));
    assert_eq!(
        stored(&database.store, &session).await,
        before,
        "a repetition writes nothing"
    );
}

async fn reused_token_ends_the_session_with_one_event(database: &Database) {
    let (user, session) = a_session(&database.store, 1).await;
    rotate(database, &session, 1, NOW).await;
    let late = NOW + RULES.grace + Period::secs(1);
    let Rotation::Reused(ended) = rotate(database, &session, 1, late).await else {
        panic!("theft unnoticed")
    };
    assert_eq!(
        ended.ended.map(|ended| (ended.at, ended.reason)),
        Some((late, EndReason::RefreshReused))
    );
    assert_eq!(stored(&database.store, &session).await, *ended);
    for sequence in [1, 2] {
        let after = rotate(database, &session, sequence, late).await;
        assert_eq!(
            after,
            Rotation::Refused(Refused::Ended),
            "both parties are out"
        );
    }
    let log = proved_log(&database.store).await;
    let reused: Vec<_> = log
        .iter()
        .filter(|e| e.kind == EventKind::RefreshReused.as_str())
        .collect();
    assert_eq!(reused.len(), 1);
    assert_eq!(reused[0].user, Some(user.id.to_string()));
    assert_eq!(reused[0].session, Some(session.id.to_string()));
    assert_eq!(reused[0].address.as_deref(), Some("198.51.100.7"));
}

async fn a_token_ahead_of_the_row_moves_it_forward_and_is_logged(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    let rotation = rotate(database, &session, 5, NOW).await;
    assert_eq!(how(&rotation), Some((Continued::Recovered, 6)));
    assert_eq!(stored(&database.store, &session).await.family.current, 6);
    assert_eq!(
        count_events(&database.store, EventKind::RefreshRecovered).await,
        1
    );
}

async fn a_forged_token_changes_nothing(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    let before = stored(&database.store, &session).await;
    let events = proved_log(&database.store).await.len();
    let mut other_salt = session.clone();
    other_salt.family.salt = [4; 16];
    for sequence in 0..4 {
        let rotation = rotate(database, &other_salt, sequence, NOW).await;
        assert_eq!(rotation, Rotation::Refused(Refused::Forged));
    }
    assert_eq!(stored(&database.store, &session).await, before);
    assert_eq!(proved_log(&database.store).await.len(), events);
}

async fn a_disabled_client_refreshes_nothing(database: &Database) {
    let store = &database.store;
    let (_, session) = a_session(store, 1).await;
    let disabled = Client {
        disabled: true,
        ..client(1)
    };
    assert_eq!(
        store.update_client(&disabled, SPARE, NOW, &none()).await,
        Ok(true)
    );
    assert_eq!(
        rotate(database, &session, 1, NOW).await,
        Rotation::Refused(Refused::Ended)
    );
}

async fn a_deleted_user_refreshes_nothing(database: &Database) {
    let (user, session) = a_session(&database.store, 1).await;
    database.store.delete(user.id, NOW, &none()).await.unwrap();
    assert_eq!(
        rotate(database, &session, 1, NOW).await,
        Rotation::Refused(Refused::Unknown)
    );
}

async fn an_ended_session_refreshes_nothing(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    database
        .store
        .end(session.id, None, EndReason::Logout, NOW, &none())
        .await
        .unwrap();
    assert_eq!(
        rotate(database, &session, 1, NOW).await,
        Rotation::Refused(Refused::Ended)
    );
    assert_eq!(stored(&database.store, &session).await.family.current, 1);
}

/// Any change of network counts.
fn strict(response: AnomalyResponse) -> RefreshRules {
    let anomaly = AnomalyRules {
        threshold: 25,
        response,
    };
    RefreshRules { anomaly, ..RULES }
}

async fn repeated_step_ups_of_a_session_are_on_record_once_an_hour(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    let rules = strict(AnomalyResponse::StepUp);
    for (minute, on_record) in [(1, 1), (2, 1), (60, 1), (61, 2), (120, 2), (500, 3)] {
        let now = NOW + Period::minutes(minute);
        let token = presented(&session, 1);
        let rotation = database.store.rotate(&token, &rules, &minted, now).await;
        assert_eq!(rotation, Ok(Rotation::StepUp));
        let events = count_events(&database.store, EventKind::RefreshStepUp).await;
        assert_eq!(events, on_record, "{minute}");
    }
}

async fn repeats_that_are_unlike_the_last_use_are_on_record_once(database: &Database) {
    let (_, session) = a_session(&database.store, 1).await;
    rotate(database, &session, 1, NOW).await;
    let rules = strict(AnomalyResponse::Record);
    for _ in 0..3 {
        let mut token = presented(&session, 1);
        token.origin.address = Some([203, 0, 113, 9].into());
        let rotation = database
            .store
            .rotate(&token, &rules, &minted, NOW)
            .await
            .unwrap();
        let Rotation::Current { how, noticed, .. } = rotation else {
            panic!("{rotation:?}");
        };
        assert_eq!((how, noticed), (Continued::Repeated, true));
    }
    let events = count_events(&database.store, EventKind::RefreshAnomalous).await;
    assert_eq!(events, 1);
}
