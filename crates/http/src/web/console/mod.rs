//! `/admin`: the console. What the admin API tells and does, for people at a browser: which tokens live, which keys sign, who verifies, and
//! what happened. A section is shown to whom a role grants it, and does what the same call of the API does.

mod audit;
mod keys;
mod search;
mod tokens;
mod verifiers;

use axum::response::Response;
use keywright_domain::access::{Administration, ScopeSet};

pub use audit::show_console_audit;
pub use keys::{
    RevokeKeyForm, RingForm, RotateForm, revoke_key_at_console, roll_back_at_console,
    rotate_at_console, show_console_key, show_console_keys,
};
pub use search::TokenSearchForm;
pub use tokens::{
    PersonForm, find_person_at_console, revoke_tokens_at_console, show_console_tokens,
};
pub use verifiers::show_console_verifiers;

use super::page::{Frame, Post, see_page};
use crate::app::App;
use crate::door::{AtConsole, Visitor};
use crate::problem::Problem;
use crate::reason::Reason;

/// What each page of the console has.
struct Desk {
    frame: Frame,
    post: Post,
    /// Those that the person may open.
    sections: Vec<Section>,
    here: Section,
    granted: ScopeSet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Tokens,
    Keys,
    Verifiers,
    Audit,
}

impl Section {
    const ALL: [Section; 4] = [
        Section::Tokens,
        Section::Keys,
        Section::Verifiers,
        Section::Audit,
    ];

    const fn title(self) -> &'static str {
        match self {
            Section::Tokens => "Tokens",
            Section::Keys => "Keys",
            Section::Verifiers => "Verifiers",
            Section::Audit => "Audit",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Section::Tokens => "/admin/tokens",
            Section::Keys => "/admin/keys",
            Section::Verifiers => "/admin/verifiers",
            Section::Audit => "/admin/audit",
        }
    }

    /// What its row of the table demands.
    const fn scope(self) -> &'static str {
        match self {
            Section::Tokens => "tokens:read",
            Section::Keys => "keys:read",
            Section::Verifiers => "verifiers:read",
            Section::Audit => "audit:read",
        }
    }

    fn granted_by(granted: &ScopeSet) -> impl Iterator<Item = Section> {
        let all = Section::ALL.into_iter();
        all.filter(|section| granted.contains(section.scope()))
    }
}

impl Desk {
    fn of(app: &App, visitor: &Visitor, person: Administration, here: Section) -> Self {
        Self {
            frame: Frame::of(app),
            post: Post::of(app, visitor),
            sections: Section::granted_by(&person.granted).collect(),
            here,
            granted: person.granted,
        }
    }

    /// Whether a form that demands this scope is shown.
    fn may(&self, scope: &str) -> bool {
        self.granted.contains(scope)
    }
}

/// The first section that the person may open.
pub async fn show_console(app: App, AtConsole(person): AtConsole) -> Result<Response, Problem> {
    let first = Section::granted_by(&person.granted).next();
    let first = first.ok_or(Problem::new(Reason::NotGranted))?;
    see_page(&app, first.path())
}
