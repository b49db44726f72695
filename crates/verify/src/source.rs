use std::future::Future;
use std::pin::Pin;

/// Where keys come from when a token names one that is not known yet.
///
/// Called off the hot path, by [`crate::Verifier::verify_fresh`] only. The implementation bounds how often it really
/// asks: a flood of made-up key names reaches this method each time.
pub trait KeySource: Send + Sync + 'static {
    /// Tries to get newer keys into the slot; `true` if the keys may have changed.
    fn refresh(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>>;
}
