//! One definition per section gives its type, its defaults and its documentation, so that the three cannot drift apart.

use serde::Serialize;

/// A key as the reference documents it.
pub struct Key {
    pub name: &'static str,
    pub doc: &'static str,
    /// As it would stand in the file; `None` if the key has no default.
    pub default: Option<String>,
}

pub trait Section: Default {
    const NAME: &'static str;
    const DOC: &'static str;
    fn keys() -> Vec<Key>;
}

pub fn as_toml(value: &impl Serialize) -> Option<String> {
    toml::Value::try_from(value)
        .ok()
        .map(|value| value.to_string())
}

macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        $type:ident = $name:literal {
            $($(#[doc = $key_doc:literal])+ $key:ident: $value:ty = $default:expr,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $type {
            $($(#[doc = $key_doc])+ pub $key: $value,)+
        }

        impl Default for $type {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $crate::config::section::Section for $type {
            const NAME: &'static str = $name;
            const DOC: &'static str = concat!($($doc),+);

            fn keys() -> Vec<$crate::config::section::Key> {
                let defaults = Self::default();
                vec![$($crate::config::section::Key {
                    name: stringify!($key),
                    doc: concat!($($key_doc),+),
                    default: $crate::config::section::as_toml(&defaults.$key),
                }),+]
            }
        }
    };
}
pub(super) use section;
