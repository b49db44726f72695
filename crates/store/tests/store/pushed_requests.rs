//! What `ports::PushedRequests` promises.

use std::sync::Arc;

use keywright_domain::Period;
use keywright_domain::authorize::{Parameters, PushedId, PushedRequest};
use keywright_domain::ports::PushedRequests;

use crate::kit::*;

on_both_engines! {
    a_pushed_request_is_stored_whole_and_used_up_once,
    pushed_requests_are_forgotten,
}

pub fn pushed_request(n: u8) -> PushedRequest {
    let pair = ("state".to_owned(), "a state".to_owned());
    PushedRequest {
        id: PushedId([n; 16]),
        client: client_id(1),
        parameters: Parameters::new([pair]).unwrap(),
        expires_at: NOW + Period::secs(i64::from(n)),
    }
}

async fn a_pushed_request_is_stored_whole_and_used_up_once(database: &Database) {
    let (store, request) = (Arc::clone(&database.store), pushed_request(1));
    store.push(&request).await.unwrap();
    assert_eq!(store.pushed(request.id).await, Ok(Some(request.clone())));
    assert_eq!(store.pushed(PushedId([9; 16])).await, Ok(None));
    assert_eq!(store.take_pushed(request.id).await, Ok(true));
    assert_eq!(store.take_pushed(request.id).await, Ok(false));
    assert_eq!(store.pushed(request.id).await, Ok(None));
}

async fn pushed_requests_are_forgotten(database: &Database) {
    let store = &database.store;
    for n in 1..=3 {
        store.push(&pushed_request(n)).await.unwrap();
    }
    let after_two = NOW + Period::millis(2_001);
    assert_eq!(store.forget_pushed(after_two, 1).await, Ok(1), "a bite");
    assert_eq!(store.forget_pushed(after_two, 10).await, Ok(1));
    assert_eq!(store.forget_pushed(after_two, 10).await, Ok(0));
    assert_eq!(
        store.pushed(PushedId([3; 16])).await,
        Ok(Some(pushed_request(3)))
    );
}
