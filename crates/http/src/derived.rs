//! A value that is made from something the issuer holds, and made again when the issuer holds something else.

use std::sync::{Arc, PoisonError, RwLock};

/// Remembers what was made from the last source. Sources are immutable behind their `Arc`, so one pointer comparison per
/// request tells whether it still holds.
pub struct Derived<S, D>(RwLock<Option<(Arc<S>, Arc<D>)>>);

impl<S, D> Derived<S, D> {
    pub const fn new() -> Self {
        Self(RwLock::new(None))
    }

    /// What `make` makes of `source`. Two requests that find it outdated may both make it; either result is right.
    pub fn of<E>(
        &self,
        source: Arc<S>,
        make: impl FnOnce(&S) -> Result<D, E>,
    ) -> Result<Arc<D>, E> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((from, made)) = &*known
            && Arc::ptr_eq(from, &source)
        {
            return Ok(made.clone());
        }
        drop(known);
        let made = Arc::new(make(&source)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((source, made.clone()));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn it_is_made_once_per_source() {
        let derived = Derived::new();
        let (one, two) = (Arc::new(1), Arc::new(1));
        let mut made = 0;
        let mut ask = |source: &Arc<i32>| {
            let double = derived.of(source.clone(), |n| {
                made += 1;
                Ok::<_, Infallible>(n * 2)
            });
            (double.map(|value| *value), made)
        };
        assert_eq!(ask(&one), (Ok(2), 1));
        assert_eq!(ask(&one), (Ok(2), 1));
        assert_eq!(ask(&two), (Ok(2), 2), "another source, though it is equal");
    }
}
