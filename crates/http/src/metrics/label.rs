//! Bounded label values, and counters that are resolved once for all of them: an increment is one atomic addition.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// A label's values are the variants of an enum, so nobody outside can make the number of series grow.
pub(crate) trait Label: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    fn as_str(self) -> &'static str;
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $crate::metrics::label::Label for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    )+};
}
pub(crate) use labels;

/// One counter for each value of a label. All of them are exposed from the start, so that a rate over a first event is right.
#[derive(Clone, Debug)]
pub(crate) struct Counters<L> {
    each: Vec<(L, Counter)>,
}

impl<L: Label> Counters<L> {
    pub fn register(registry: &mut Registry, name: &str, help: &str, label: &'static str) -> Self {
        let family = Family::<[(&'static str, &'static str); 1], Counter>::default();
        registry.register(name, help, family.clone());
        let each = L::ALL
            .iter()
            .map(|value| {
                (
                    *value,
                    family.get_or_create_owned(&[(label, value.as_str())]),
                )
            })
            .collect();
        Self { each }
    }

    pub fn count(&self, value: L) {
        if let Some((_, counter)) = self.each.iter().find(|(each, _)| *each == value) {
            counter.inc();
        }
    }
}
