use std::time::Duration;

use super::*;
use crate::card::{Card, Severity};

const CARD: Card = Card {
    name: "drill-card",
    title: "Nothing happens",
    severity: Severity::High,
    why: "why",
    source: "RFC 0",
    fix: "fix",
};

#[test]
fn what_came_back_cannot_write_the_page() {
    let evidence = Evidence::of("<b>&\"", "</pre><script>alert(1)</script>\u{1b}[2J");
    let report = Report {
        kind: "api",
        target: "http://x/<i>".to_owned(),
        issuer: "http://y".to_owned(),
        started_at: 0,
        took: Duration::ZERO,
        examined: vec![Examined {
            card: &CARD,
            outcome: Outcome::of(2, vec![evidence]),
            tolerated: false,
        }],
    };
    let page = report.to_html("1970-01-01T00:00:00Z");
    assert!(!page.contains("<script") && !page.contains("<i>") && !page.contains('\u{1b}'));
    assert!(page.contains("&lt;/pre&gt;&lt;script&gt;"));
    assert!(page.contains("1 of 2 attempts") && page.contains("0 sound, 1 finding"));
}
