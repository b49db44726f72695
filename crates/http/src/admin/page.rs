//! Lists come in pages: entries after `after`, at most `limit`, and where the next page begins.

use keywright_domain::ports::Page;

use crate::extract::Limit;

/// Asks for one entry more than is shown: whether it comes tells whether there is a next page.
pub fn ask<K>(after: Option<K>, limit: Limit) -> Page<K> {
    Page {
        after,
        limit: limit.0 + 1,
    }
}

/// What to show, and the key after which the next page begins.
pub fn cut<T>(
    mut entries: Vec<T>,
    limit: Limit,
    key: impl FnOnce(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let shown = usize::try_from(limit.0).unwrap_or(usize::MAX);
    if entries.len() <= shown {
        return (entries, None);
    }
    entries.truncate(shown);
    let next = entries.last().map(key);
    (entries, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_names_no_next() {
        let page = |all: &[i32]| cut(all.to_vec(), Limit(2), i32::to_string);
        assert_eq!(page(&[]), (vec![], None));
        assert_eq!(page(&[1, 2]), (vec![1, 2], None));
        assert_eq!(page(&[1, 2, 3]), (vec![1, 2], Some("2".to_owned())));
    }
}
