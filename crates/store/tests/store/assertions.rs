//! Assertions are used once, and forgotten when nobody would believe them any more.

use keywright_domain::Period;
use keywright_domain::ports::Assertions;

use crate::kit::*;

on_both_engines! {
    an_assertion_is_used_once_until_it_is_forgotten,
}

async fn an_assertion_is_used_once_until_it_is_forgotten(database: &Database) {
    let store = &database.store;
    let (one, two) = ([1; 16], [2; 16]);
    let late = NOW + Period::secs(1);
    assert_eq!(store.use_assertion(one, NOW).await, Ok(true));
    assert_eq!(store.use_assertion(one, late).await, Ok(false));
    assert_eq!(store.use_assertion(two, late).await, Ok(true));
    assert_eq!(store.forget_assertions(NOW, 10).await, Ok(0));
    assert_eq!(store.forget_assertions(late, 10).await, Ok(1));
    assert_eq!(store.use_assertion(two, late).await, Ok(false));
    assert_eq!(store.use_assertion(one, late).await, Ok(true), "forgotten");
    assert_eq!(
        store.forget_assertions(late + Period::secs(1), 1).await,
        Ok(1),
        "a bite"
    );
}
