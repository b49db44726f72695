//! What an operator's order comes to, given the keys as they stand. Pure, as the schedule is: `manage.rs` carries the steps
//! out, and a model checker drives the same functions through every order of events.

use crate::Time;
use crate::keys::schedule::{Step, known_at, may_sign};
use crate::keys::{KeyError, KeyRecord, KeyState, RingId};
use crate::policy::KeyPolicy;

/// Hands over to the key in waiting; refused while some verifier may not know it.
pub fn rotation(
    keys: &[KeyRecord],
    ring: &RingId,
    policy: &KeyPolicy,
    now: Time,
) -> Result<Vec<Step>, KeyError> {
    let active = oldest(keys, ring, KeyState::Active).ok_or(KeyError::NoRing)?;
    let successor = known_successor(keys, ring, policy, now)?;
    Ok(vec![
        move_to(active, KeyState::Retiring),
        move_to(successor, KeyState::Active),
    ])
}

/// Lets the previous key sign again, and puts the current one back in waiting.
pub fn rollback(keys: &[KeyRecord], ring: &RingId) -> Result<Vec<Step>, KeyError> {
    let active = oldest(keys, ring, KeyState::Active).ok_or(KeyError::NoRing)?;
    let previous = keys
        .iter()
        .filter(|key| key.ring == *ring && key.state == KeyState::Retiring)
        .max_by_key(|key| key.activated_at)
        .ok_or(KeyError::NothingToRollBackTo)?;
    Ok(vec![
        move_to(active, KeyState::Published),
        move_to(previous, KeyState::Active),
    ])
}

/// Takes a key out. If it was signing, the key in waiting takes over, unless some verifier may not know that one: then the
/// order is refused, or, with `force`, nothing signs until the schedule may activate it.
pub fn revocation(
    keys: &[KeyRecord],
    kid: &str,
    force: bool,
    policy: &KeyPolicy,
    now: Time,
) -> Result<Vec<Step>, KeyError> {
    let key = keys
        .iter()
        .find(|key| key.kid == kid)
        .ok_or(KeyError::Unknown)?;
    let mut steps = vec![move_to(key, KeyState::Revoked)];
    match key.state {
        KeyState::Retired | KeyState::Revoked => return Err(KeyError::AlreadyEnded(key.state)),
        KeyState::Active => match known_successor(keys, &key.ring, policy, now) {
            Ok(successor) => steps.push(move_to(successor, KeyState::Active)),
            Err(refused) if !force => return Err(refused),
            Err(_) => {}
        },
        KeyState::Next | KeyState::Published | KeyState::Retiring => {}
    }
    Ok(steps)
}

fn known_successor<'k>(
    keys: &'k [KeyRecord],
    ring: &RingId,
    policy: &KeyPolicy,
    now: Time,
) -> Result<&'k KeyRecord, KeyError> {
    let waiting = oldest(keys, ring, KeyState::Published)
        .ok_or(KeyError::SuccessorUnknown { until: None })?;
    if may_sign(waiting, policy, now) {
        Ok(waiting)
    } else {
        Err(KeyError::SuccessorUnknown {
            until: known_at(waiting, policy),
        })
    }
}

fn oldest<'k>(keys: &'k [KeyRecord], ring: &RingId, state: KeyState) -> Option<&'k KeyRecord> {
    keys.iter()
        .filter(|key| key.ring == *ring && key.state == state)
        .min_by_key(|key| key.published_at)
}

fn move_to(key: &KeyRecord, to: KeyState) -> Step {
    Step::Move {
        kid: key.kid.clone(),
        to,
    }
}
