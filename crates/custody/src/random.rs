//! Names and nonces, drawn where the keys of sealed custody are drawn.

use aws_lc_rs::rand;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no randomness")]
pub struct NoRandomness;

#[expect(
    clippy::disallowed_methods,
    reason = "what a vault is asked to remember must be as unguessable as a key, in tests too"
)]
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
