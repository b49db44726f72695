//! What somebody asks the ledger for, as a form of the console sends it: an address that can be kept and passed on.

use std::str::FromStr;

use keywright_domain::Time;
use keywright_domain::ledger::{Jti, TokenFilter};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::form::Form;

/// The search, for the reference. What is left empty is met by every token.
#[derive(Serialize, ToSchema, IntoParams)]
pub struct TokenSearchForm {
    user: Option<String>,
    session: Option<String>,
    client: Option<String>,
    audience: Option<String>,
    key: Option<String>,
    scope: Option<String>,
    grant: Option<String>,
    kind: Option<String>,
    /// Such as `2026-11-22T10:46`, in UTC.
    since: Option<String>,
    until: Option<String>,
}

/// The fields, in the order of the page.
const FIELDS: [&str; 10] = [
    "client", "audience", "scope", "key", "grant", "kind", "user", "session", "since", "until",
];

pub struct Search {
    pub filter: TokenFilter,
    /// The last token of the page before.
    pub after: Option<Jti>,
    /// Fields that cannot be read. Then the filter says less than was asked, and nothing may be done by it.
    pub faults: Vec<&'static str>,
    typed: Vec<(&'static str, String)>,
}

impl Search {
    pub fn read(form: &Form) -> Self {
        let mut reader = Reader {
            form,
            faults: Vec::new(),
        };
        let filter = TokenFilter {
            user: reader.field("user"),
            session: reader.field("session"),
            client: reader.field("client"),
            audience: reader.field("audience"),
            kid: reader.field("key"),
            scope: reader.field("scope"),
            grant: reader.field("grant"),
            kind: reader.field("kind"),
            since: reader.field("since").map(|Utc(time)| time),
            until: reader.field("until").map(|Utc(time)| time),
        };
        let typed = |name| Some((name, typed(form, name)?.to_owned()));
        Self {
            filter,
            after: reader.field("after"),
            faults: reader.faults,
            typed: FIELDS.into_iter().filter_map(typed).collect(),
        }
    }

    /// What stands in this field.
    pub fn value(&self, name: &str) -> &str {
        let found = self.typed.iter().find(|(field, _)| *field == name);
        found.map_or("", |(_, value)| value)
    }

    /// Each field that is not empty, for the forms and links that go on from here.
    pub fn typed(&self) -> &[(&'static str, String)] {
        &self.typed
    }
}

/// What people paste has spaces around it.
fn typed<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    let text = form.value(name)?.trim();
    (!text.is_empty()).then_some(text)
}

struct Reader<'f> {
    form: &'f Form,
    faults: Vec<&'static str>,
}

impl Reader<'_> {
    fn field<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let read = typed(self.form, name)?.parse();
        if read.is_err() {
            self.faults.push(name);
        }
        read.ok()
    }
}

/// As browsers send a `datetime-local`, which has no zone, or as an RFC 3339 moment.
struct Utc(Time);

impl FromStr for Utc {
    type Err = keywright_domain::MalformedTime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let with_zone = text.parse();
        Ok(Self(with_zone.or_else(|_| format!("{text}Z").parse())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Search {
        Search::read(&Form::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn empty_fields_are_no_criteria_and_spaces_do_not_count() {
        let search = search("client=+shop+&audience=&scope=++&kind=id_token");
        assert_eq!(search.filter.client, Some("shop".parse().unwrap()));
        assert_eq!(search.filter.audience, None);
        assert_eq!(search.faults, [""; 0]);
        assert_eq!(
            search.typed(),
            [
                ("client", "shop".to_owned()),
                ("kind", "id_token".to_owned())
            ]
        );
        assert!(super::Search::read(&Form::default()).filter.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let search =
            search("user=ann&grant=password&since=yesterday&until=2026-11-22T10:46&client=shop");
        assert_eq!(search.faults, ["user", "grant", "since"]);
        assert_eq!(search.value("since"), "yesterday");
    }

    #[test]
    fn moments_are_of_utc_unless_they_name_a_zone() {
        for (typed, secs) in [
            ("2026-11-22T10:46", 1_795_344_360),
            ("2026-11-22T10:46:30", 1_795_344_390),
            ("2026-11-22T10:46:30Z", 1_795_344_390),
            ("2026-11-22T11:46:30%2B01:00", 1_795_344_390),
        ] {
            let since = search(&format!("since={typed}")).filter.since;
            assert_eq!(since.map(Time::secs), Some(secs), "{typed}");
        }
    }
}
