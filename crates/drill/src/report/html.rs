//! One page that needs nothing else: no script, no font, no picture. Light or dark as the reader's system is.

use std::fmt::Write;

use super::{Report, mark};
use crate::card::{Evidence, Examined, Outcome};

const STYLE: &str = include_str!("page.css");

impl Report {
    /// `when` is the start in words.
    pub fn to_html(&self, when: &str) -> String {
        let verdict = if self.is_sound() {
            "sound"
        } else {
            "not sound"
        };
        let class = if self.is_sound() { "sound" } else { "high" };
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>Drill of {target}: {verdict}</title>\n<style>{STYLE}</style>\n\
             <header><h1>Drill of <code>{target}</code></h1>\n\
             <p class=\"verdict {class}\">{verdict}</p>\n\
             <p>{tally}. Issuer <code>{issuer}</code>, {when}, {seconds:.1} s.</p></header>\n<main>\n",
            target = escaped(&self.target),
            issuer = escaped(&self.issuer),
            tally = self.tally().words(),
            when = escaped(when),
            seconds = self.took.as_secs_f64(),
        );
        let (found, rest): (Vec<_>, Vec<_>) = self
            .examined
            .iter()
            .partition(|examined| examined.is_found());
        if !found.is_empty() {
            page.push_str("<h2>Found</h2>\n");
        }
        found
            .into_iter()
            .for_each(|examined| finding(&mut page, examined));
        page.push_str("<h2>Examined</h2>\n<table>\n<tr><th>outcome<th>name<th>what holds<th>\n");
        rest.into_iter()
            .for_each(|examined| row(&mut page, examined));
        page.push_str("</table>\n</main>\n</html>\n");
        page
    }
}

fn finding(page: &mut String, examined: &Examined) {
    let Outcome::Found { tried, evidence } = &examined.outcome else {
        return;
    };
    let card = examined.card;
    let mark = mark(examined);
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "<section id=\"{name}\"><h3><span class=\"mark {mark}\">{mark}</span> {name}</h3>\n<p>This does not hold: {title}.</p>\n\
         <dl><dt>Why it matters<dd>{why}<dt>Source<dd>{source}<dt>How to fix it<dd>{fix}</dl>\n\
         <details open><summary>{count} of {tried} attempts</summary>\n",
        name = card.name,
        title = escaped(card.title),
        why = escaped(card.why),
        source = escaped(card.source),
        fix = escaped(card.fix),
        count = evidence.len(),
    );
    evidence.iter().for_each(|piece| attempt(page, piece));
    page.push_str("</details></section>\n");
}

fn attempt(page: &mut String, piece: &Evidence) {
    let token = piece.token.as_deref().map(escaped);
    let token = token.map_or(String::new(), |token| format!("<pre>{token}</pre>"));
    let (sent, came_back) = (escaped(&piece.sent), escaped(&piece.came_back));
    let _ = writeln!(
        page,
        "<dl class=\"attempt\"><dt>sent<dd>{sent}{token}<dt>came back<dd>{came_back}</dl>"
    );
}

fn row(page: &mut String, examined: &Examined) {
    let (mark, card) = (mark(examined), examined.card);
    let what = match &examined.outcome {
        Outcome::Sound { tried, measured } => {
            measured.clone().unwrap_or_else(|| format!("{tried} tried"))
        }
        Outcome::Skipped(why) => why.clone(),
        Outcome::Found { .. } => return,
    };
    let class = mark.replace(' ', "-");
    let _ = writeln!(
        page,
        "<tr><td><span class=\"mark {class}\">{mark}</span><td><code>{}</code><td>{}<td>{}",
        card.name,
        escaped(card.title),
        escaped(&what)
    );
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
