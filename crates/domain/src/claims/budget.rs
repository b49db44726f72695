//! The byte budget: a token that outgrows cookies and header limits fails in every service at once, and far from its cause.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::value::RawValue;

/// Less does not hold the registered claims; more is refused by proxies that take 8 KiB of headers.
pub const BUDGETS: RangeInclusive<u32> = 512..=4_608;

/// The payload takes more than its API allows, and which claim to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the payload takes {bytes} bytes and may take {budget}; the claim `{claim}` alone takes {largest}"
)]
pub struct OverBudget {
    pub claim: String,
    pub largest: usize,
    pub bytes: usize,
    pub budget: u32,
}

/// Whether `payload`, a JSON object, is within `budget`.
pub fn fits(payload: &[u8], budget: u32) -> Result<(), OverBudget> {
    if payload.len() <= budget as usize {
        return Ok(());
    }
    let members: BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(payload).unwrap_or_default();
    let sizes = members
        .iter()
        .map(|(name, value)| (name.len() + value.get().len() + r#""":,"#.len(), name));
    let (largest, claim) = sizes.max().map_or((0, ""), |(size, name)| (size, name));
    Err(OverBudget {
        claim: claim.to_owned(),
        largest,
        bytes: payload.len(),
        budget,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_claim_is_to_blame() {
        let payload = br#"{"iss":"https://id.example","groups":["a","b","c","d","e"],"n":1}"#;
        assert_eq!(fits(payload, payload.len() as u32), Ok(()));
        let over = fits(payload, 60).unwrap_err();
        assert_eq!((over.claim.as_str(), over.largest), ("groups", 31));
        assert_eq!((over.bytes, over.budget), (payload.len(), 60));
    }
}
