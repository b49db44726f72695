//! What `ports::Ledger` promises.

use std::collections::BTreeSet;

use keywright_domain::audit::Effects;
use keywright_domain::client::ClientId;
use keywright_domain::ledger::{Entry, GrantType, Jti, TokenClass, TokenFilter, TokenQuery};
use keywright_domain::ports::{Clients, Ledger, Sessions, Upkeep};
use keywright_domain::session::{EndReason, Session};
use keywright_domain::{Period, SessionId, Time, UserId};
use keywright_store::Store;

use crate::kit::*;

on_both_engines! {
    what_is_recorded_is_found_newest_first,
    each_criterion_narrows,
    pages_follow_each_other_without_gap_or_repetition,
    pages_are_exact_among_tokens_of_one_millisecond,
    a_page_is_as_good_from_few_classes_as_from_many,
    a_token_of_any_time_is_found_as_it_was_recorded,
    tokens_of_a_user_are_those_of_the_users_sessions,
    a_users_page_is_made_of_all_sessions_however_unlike_they_are,
    a_session_is_opened_with_its_token_or_not_at_all,
    a_rotation_is_recorded_and_nothing_else,
    counts_are_by_class_and_bounded,
    a_class_that_was_lost_is_written_again,
    two_classes_with_one_name_are_refused,
    a_token_is_recorded_at_the_catalogs_version_or_not_at_all,
    purge_forgets_the_dead_in_bites_and_nothing_else,
    purge_leaves_none_where_more_than_a_bite_are_of_one_millisecond,
    a_class_goes_a_day_after_its_last_token_and_comes_back,
}

const LATER: Time = Time::from_secs(1_800_000_060);

fn all(filter: TokenFilter) -> TokenQuery {
    TokenQuery {
        filter,
        live_at: LATER,
        after: None,
        limit: 100,
    }
}

async fn found(store: &Store, query: &TokenQuery) -> Vec<Jti> {
    let tokens = store.tokens(query).await.unwrap();
    tokens.iter().map(|token| token.jti).collect()
}

async fn record(store: &Store, entry: Entry) -> Jti {
    store.record_token(&entry).await.unwrap();
    entry.jti
}

fn seconds_ago(seconds: i64) -> Time {
    LATER - Period::secs(seconds)
}

async fn what_is_recorded_is_found_newest_first(database: &Database) {
    let store = &database.store;
    let other = TokenClass {
        scope: "write:orders".parse().unwrap(),
        ..class()
    };
    let old = record(store, entry(1, seconds_ago(50), class(), None)).await;
    let new = record(store, entry(2, seconds_ago(10), class(), None)).await;
    let between = record(store, entry(3, seconds_ago(30), other.clone(), None)).await;
    record(store, entry(4, seconds_ago(300), class(), None)).await;
    let tokens = store.tokens(&all(TokenFilter::default())).await.unwrap();
    let told: Vec<_> = tokens
        .iter()
        .map(|token| (token.jti, &token.class))
        .collect();
    assert_eq!(told, [(new, &class()), (between, &other), (old, &class())]);
    assert!(
        tokens
            .iter()
            .all(|token| token.session.is_none() && token.user.is_none())
    );
}

async fn each_criterion_narrows(database: &Database) {
    let store = &database.store;
    let classes = [
        TokenClass {
            client: client_id(2),
            ..class()
        },
        TokenClass {
            audience: "billing".parse().unwrap(),
            ..class()
        },
        TokenClass {
            scope: "read:orders write:orders".parse().unwrap(),
            ..class()
        },
        TokenClass {
            kid: "key-2".to_owned(),
            ..class()
        },
        TokenClass {
            grant: GrantType::Login,
            ..class()
        },
        class(),
    ];
    let mut ids = Vec::new();
    for (n, class) in (0..).zip(classes) {
        let at = seconds_ago(50 - i64::from(n));
        ids.push(record(store, entry(n, at, class, None)).await);
    }
    let none = TokenFilter::default;
    let filters = [
        TokenFilter {
            client: Some(client_id(2)),
            ..none()
        },
        TokenFilter {
            audience: Some("billing".parse().unwrap()),
            ..none()
        },
        TokenFilter {
            scope: Some("write:orders".parse().unwrap()),
            ..none()
        },
        TokenFilter {
            kid: Some("key-2".to_owned()),
            ..none()
        },
        TokenFilter {
            grant: Some(GrantType::Login),
            ..none()
        },
        TokenFilter {
            since: Some(seconds_ago(45)),
            ..none()
        },
    ];
    for (filter, id) in filters.into_iter().zip(&ids) {
        assert_eq!(
            found(store, &all(filter.clone())).await,
            [*id],
            "{filter:?}"
        );
    }
    let early = TokenFilter {
        until: Some(seconds_ago(49)),
        ..none()
    };
    assert_eq!(found(store, &all(early)).await, ids[..1]);
    let nobody = TokenFilter {
        client: Some(client_id(9)),
        ..none()
    };
    assert_eq!(found(store, &all(nobody)).await, []);
    let both = TokenFilter {
        client: Some(client_id(2)),
        kid: Some("key-2".to_owned()),
        ..none()
    };
    assert_eq!(
        found(store, &all(both)).await,
        [],
        "criteria are met together"
    );
}

async fn pages_follow_each_other_without_gap_or_repetition(database: &Database) {
    let store = &database.store;
    let mut recorded = BTreeSet::new();
    // More classes than are asked about at once, and several tokens in one millisecond.
    for n in 0..120 {
        let client: ClientId = format!("client-{}", n % 40).parse().unwrap();
        let class = TokenClass { client, ..class() };
        let at = seconds_ago(i64::from(n % 7));
        recorded.insert(record(store, entry(n, at, class, None)).await);
    }
    assert_eq!(
        paged(store, TokenFilter::default(), 25).await,
        newest_first(recorded)
    );
}

/// All pages of `limit`, one behind the other.
async fn paged(store: &Store, filter: TokenFilter, limit: u32) -> Vec<Jti> {
    let mut query = TokenQuery {
        limit,
        ..all(filter)
    };
    let mut listed = Vec::new();
    loop {
        let page = found(store, &query).await;
        let Some(last) = page.last() else {
            return listed;
        };
        assert!(page.len() <= limit as usize);
        query.after = Some(*last);
        listed.extend(page);
    }
}

fn newest_first(recorded: BTreeSet<Jti>) -> Vec<Jti> {
    recorded.into_iter().rev().collect()
}

/// Tokens of one millisecond, ten of which have half their id in common.
async fn recorded_at_once(store: &Store, session: Option<SessionId>) -> BTreeSet<Jti> {
    let mut recorded = BTreeSet::new();
    for n in 0..30_u8 {
        let mut random = [n.wrapping_mul(83); 10];
        // The first two of these bytes are in the first half.
        random[..2].copy_from_slice(&[0xfe, n % 3]);
        let class = TokenClass {
            client: client_id(u32::from(n % 4)),
            ..class()
        };
        let jti = Jti::new(seconds_ago(1), random);
        let entry = Entry {
            jti,
            ..entry(1, seconds_ago(1), class, session)
        };
        recorded.insert(record(store, entry).await);
    }
    recorded
}

async fn pages_are_exact_among_tokens_of_one_millisecond(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let (user, [session, _], _) = opened(store, 1, [1, 2]).await;
    let recorded = recorded_at_once(store, Some(session.id)).await;
    let of_grant = TokenFilter {
        grant: Some(class().grant),
        ..TokenFilter::default()
    };
    let of_user = TokenFilter {
        user: Some(user),
        ..of_grant.clone()
    };
    let of_session = TokenFilter {
        session: Some(session.id),
        ..of_grant.clone()
    };
    for filter in [of_grant, of_user, of_session] {
        for limit in [1, 7, 30] {
            let listed = paged(store, filter.clone(), limit).await;
            assert_eq!(
                listed,
                newest_first(recorded.clone()),
                "{filter:?} by {limit}"
            );
        }
    }
}

async fn a_page_is_as_good_from_few_classes_as_from_many(database: &Database) {
    let store = &database.store;
    let mut recorded = BTreeSet::new();
    // One class with most of the newest tokens, and many with one old token each.
    for n in 0..60 {
        let (client, at) = if n % 2 == 0 {
            (client_id(1), seconds_ago(i64::from(n / 10)))
        } else {
            (client_id(n), seconds_ago(40 + i64::from(n % 5)))
        };
        recorded.insert(record(store, entry(n, at, TokenClass { client, ..class() }, None)).await);
    }
    for limit in [1, 10, 31, 59] {
        let listed = paged(store, TokenFilter::default(), limit).await;
        assert_eq!(listed, newest_first(recorded.clone()), "by {limit}");
    }
}

async fn a_token_of_any_time_is_found_as_it_was_recorded(database: &Database) {
    let store = &database.store;
    for (n, at) in [Time::from_millis(1), NOW, Time::from_millis(i64::MAX)]
        .into_iter()
        .enumerate()
    {
        let client = client_id(u32::try_from(n).unwrap());
        let filter = TokenFilter {
            client: Some(client.clone()),
            ..TokenFilter::default()
        };
        let jti = Jti::new(at, [0xfe; 10]);
        let entry = Entry {
            jti,
            ..entry(1, at, TokenClass { client, ..class() }, None)
        };
        record(store, entry).await;
        let query = TokenQuery {
            live_at: jti.issued_at(),
            ..all(filter)
        };
        assert_eq!(found(store, &query).await, [jti]);
    }
}

async fn opened(store: &Store, user: u32, numbers: [u32; 2]) -> (UserId, [Session; 2], [Jti; 2]) {
    let user = a_user(store, user).await;
    let sessions = numbers.map(|n| session(n, &user));
    let mut minted = Vec::new();
    for (session, n) in sessions.iter().zip(numbers) {
        let class = TokenClass {
            grant: GrantType::Login,
            ..class()
        };
        let entry = entry(n, NOW, class, Some(session.id));
        minted.push(entry.jti);
        let left = Effects {
            minted: vec![entry],
            ..none()
        };
        assert_eq!(store.open(session, user.epoch, &left).await, Ok(true));
    }
    (user.id, sessions, minted.try_into().unwrap())
}

async fn a_users_page_is_made_of_all_sessions_however_unlike_they_are(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let (user, [busy, idle], minted) = opened(store, 1, [1, 2]).await;
    let mut recorded = BTreeSet::from(minted);
    for n in 10..70 {
        // The newest of all are of one session, then they take turns, and every third has another class.
        let session = if n < 30 || n % 2 == 0 { &busy } else { &idle };
        let client = client_id(if n % 3 == 0 { 2 } else { 1 });
        let class = TokenClass { client, ..class() };
        let at = seconds_ago(i64::from(n / 4));
        recorded.insert(record(store, entry(n, at, class, Some(session.id))).await);
    }
    let of_user = TokenFilter {
        user: Some(user),
        ..TokenFilter::default()
    };
    for limit in [1, 3, 19, 100] {
        let listed = paged(store, of_user.clone(), limit).await;
        assert_eq!(listed, newest_first(recorded.clone()), "by {limit}");
    }
    let rare = TokenFilter {
        client: Some(client_id(2)),
        ..of_user
    };
    let listed = paged(store, rare.clone(), 2).await;
    assert!(listed.iter().all(|jti| recorded.contains(jti)));
    assert_eq!(listed.len(), 20);
    let counts = store.count_tokens(&all(rare)).await.unwrap();
    assert_eq!(counts.iter().map(|one| one.count.tokens).sum::<u64>(), 20);
}

async fn tokens_of_a_user_are_those_of_the_users_sessions(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let (ann, of_ann, anns) = opened(store, 1, [1, 2]).await;
    let (bob, ..) = opened(store, 2, [3, 4]).await;
    let filter = |user, session| TokenFilter {
        user,
        session,
        ..TokenFilter::default()
    };
    let ids = found(store, &all(filter(Some(ann), None))).await;
    assert_eq!(BTreeSet::from_iter(ids), BTreeSet::from(anns));
    let one = filter(None, Some(of_ann[0].id));
    assert_eq!(found(store, &all(one)).await, [anns[0]]);
    let foreign = filter(Some(bob), Some(of_ann[0].id));
    assert_eq!(found(store, &all(foreign)).await, []);
    let elsewhere = TokenFilter {
        audience: Some("billing".parse().unwrap()),
        ..filter(Some(ann), None)
    };
    assert_eq!(found(store, &all(elsewhere)).await, []);

    let reason = EndReason::EndedByAdmin;
    store
        .end(of_ann[1].id, None, reason, NOW, &none())
        .await
        .unwrap();
    let tokens = store.tokens(&all(filter(Some(ann), None))).await.unwrap();
    for token in tokens {
        let ended = (token.session == Some(of_ann[1].id)).then_some(reason);
        assert_eq!((token.user, token.ended), (Some(ann), ended));
    }
}

async fn a_session_is_opened_with_its_token_or_not_at_all(database: &Database) {
    let store = &database.store;
    a_client(store).await;
    let user = a_user(store, 1).await;
    let session = session(1, &user);
    let good = entry(1, NOW, class(), Some(session.id));
    let mut of_no_class = entry(2, NOW + Period::hours(2), class(), Some(session.id));
    of_no_class.class.scope = "write:orders".parse().unwrap();
    let left = Effects {
        minted: vec![good, of_no_class],
        ..none()
    };
    assert!(store.open(&session, user.epoch, &left).await.is_err());
    assert_eq!(store.standing(session.id).await, Ok(None));
    assert_eq!(found(store, &all(TokenFilter::default())).await, []);
    let left = Effects {
        minted: vec![entry(1, NOW, class(), Some(session.id))],
        ..none()
    };
    assert_eq!(store.open(&session, user.epoch + 1, &left).await, Ok(false));
    assert_eq!(found(store, &all(TokenFilter::default())).await, []);
}

async fn a_rotation_is_recorded_and_nothing_else(database: &Database) {
    let store = &database.store;
    let (_, session) = a_session(store, 1).await;
    let filter = TokenFilter {
        session: Some(session.id),
        ..TokenFilter::default()
    };
    // What is presented, by which rules, and how many tokens there are then: a rotation, a repeat, a recovery, a theft.
    for (sequence, rules, expected) in [(1, RULES, 1), (1, RULES, 1), (7, RULES, 2), (1, STRICT, 2)]
    {
        let token = presented(&session, sequence);
        store.rotate(&token, &rules, &minted, NOW).await.unwrap();
        assert_eq!(
            found(store, &all(filter.clone())).await.len(),
            expected,
            "{sequence}"
        );
    }
}

async fn counts_are_by_class_and_bounded(database: &Database) {
    let store = &database.store;
    let other = TokenClass {
        kid: "key-2".to_owned(),
        ..class()
    };
    for n in 0..5 {
        record(store, entry(n, seconds_ago(n.into()), class(), None)).await;
    }
    record(store, entry(6, seconds_ago(1), other.clone(), None)).await;
    record(store, entry(7, seconds_ago(301), other, None)).await;
    let query = TokenQuery {
        limit: 3,
        ..all(TokenFilter::default())
    };
    let mut counts = store.count_tokens(&query).await.unwrap();
    counts.sort_by(|a, b| a.class.kid.cmp(&b.class.kid));
    let told: Vec<_> = counts
        .iter()
        .map(|one| (one.class.kid.as_str(), one.count.tokens, one.count.more))
        .collect();
    assert_eq!(told, [("key-1", 3, true), ("key-2", 1, false)]);

    for n in 10..25 {
        let client = client_id(n);
        record(
            store,
            entry(n, seconds_ago(1), TokenClass { client, ..class() }, None),
        )
        .await;
    }
    let query = TokenQuery { limit: 1, ..query };
    let counts = store.count_tokens(&query).await.unwrap();
    let counted: u64 = counts.iter().map(|one| one.count.tokens).sum();
    assert_eq!(counted, 10, "ten times the limit, over all classes");
    let uncounted = counts.iter().filter(|one| one.count.tokens == 0);
    assert!(uncounted.clone().count() == 7 && uncounted.clone().all(|one| one.count.more));
}

async fn a_class_that_was_lost_is_written_again(database: &Database) {
    let store = &database.store;
    record(store, entry(1, seconds_ago(2), class(), None)).await;
    // As a database does that was set back to a moment before the class.
    database.tamper("DELETE FROM ledger_classes").await;
    record(store, entry(2, seconds_ago(1), class(), None)).await;
    assert_eq!(found(store, &all(TokenFilter::default())).await.len(), 2);
}

async fn two_classes_with_one_name_are_refused(database: &Database) {
    let store = &database.store;
    record(store, entry(1, NOW, class(), None)).await;
    let hours_later = NOW + Period::hours(2);
    let mut other = entry(2, hours_later, class(), None);
    other.class.scope = "write:orders".parse().unwrap();
    assert!(store.record_token(&other).await.is_err());
    record(store, entry(3, hours_later, class(), None)).await;
}

async fn a_token_is_recorded_at_the_catalogs_version_or_not_at_all(database: &Database) {
    let store = &database.store;
    let client = a_client(store).await;
    let version = store.versions().await.unwrap().catalog;
    // The class is there for neither the first nor the last.
    let first = entry(1, seconds_ago(3), class(), None);
    assert_eq!(store.record_token_at(&first, version).await, Ok(true));
    let second = entry(2, seconds_ago(2), class(), None);
    assert_eq!(store.record_token_at(&second, version).await, Ok(true));
    let updated = store.update_client(&client, SPARE, NOW, &none()).await;
    assert_eq!(updated, Ok(true));
    let other = TokenClass {
        scope: "write:orders".parse().unwrap(),
        ..class()
    };
    for late in [class(), other] {
        let late = entry(3, seconds_ago(1), late, None);
        assert_eq!(store.record_token_at(&late, version).await, Ok(false));
    }
    let known = found(store, &all(TokenFilter::default())).await;
    assert_eq!(known, [second.jti, first.jti]);
}

async fn purge_until(store: &Store, before: Time) -> u64 {
    store.purge_tokens(before, 10).await.unwrap()
}

async fn purge_forgets_the_dead_in_bites_and_nothing_else(database: &Database) {
    let store = &database.store;
    let long = TokenClass {
        lifetime: Period::hours(1),
        ..class()
    };
    for n in 0..25 {
        record(store, entry(n, NOW, class(), None)).await;
    }
    let lasting = record(store, entry(25, NOW, long, None)).await;
    let young = record(store, entry(26, NOW + Period::secs(60), class(), None)).await;
    let dead_at = class().dies_at(NOW);
    assert_eq!(purge_until(store, dead_at - Period::secs(1)).await, 0);
    assert_eq!(purge_until(store, dead_at).await, 25);
    let query = TokenQuery {
        live_at: dead_at,
        ..all(TokenFilter::default())
    };
    assert_eq!(found(store, &query).await, [young, lasting]);
}

async fn purge_leaves_none_where_more_than_a_bite_are_of_one_millisecond(database: &Database) {
    let store = &database.store;
    recorded_at_once(store, None).await;
    assert_eq!(store.purge_tokens(class().dies_at(LATER), 1).await, Ok(30));
    assert_eq!(database.count("ledger").await, 0);
}

async fn a_class_goes_a_day_after_its_last_token_and_comes_back(database: &Database) {
    let store = &database.store;
    record(store, entry(1, NOW, class(), None)).await;
    let classes = async || database.count("ledger_classes").await;
    purge_until(store, NOW + Period::hours(23)).await;
    assert_eq!(classes().await, 1);
    let next_day = NOW + Period::hours(25);
    purge_until(store, next_day).await;
    assert_eq!(classes().await, 0);
    let back = record(store, entry(2, next_day, class(), None)).await;
    let query = TokenQuery {
        live_at: next_day,
        ..all(TokenFilter::default())
    };
    assert_eq!(found(store, &query).await, [back]);
}
