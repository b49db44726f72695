//! For people at a terminal. What strangers sent is shown without control characters.

use super::{Report, mark};
use crate::card::{Examined, Outcome};

/// Pieces of evidence that a terminal shows; the other reports have all of them.
const SHOWN: usize = 3;
const TOKEN: usize = 100;

impl Report {
    /// What was found, and how many of everything.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for examined in self.examined.iter().filter(|examined| examined.is_found()) {
            text.push_str(&finding(examined));
        }
        let seconds = self.took.as_secs_f64();
        let verdict = if self.is_sound() {
            "sound"
        } else {
            "NOT SOUND"
        };
        text.push_str(&format!(
            "\n{}: {verdict}. {} in {seconds:.1} s\n",
            self.target,
            self.tally().words()
        ));
        text
    }
}

impl Examined {
    /// One line: `sound      alg-none                 49 refused`
    pub fn line(&self) -> String {
        let what = match &self.outcome {
            Outcome::Sound {
                measured: Some(figure),
                ..
            } => figure.clone(),
            Outcome::Sound { tried, .. } => format!("{tried} tried"),
            Outcome::Skipped(why) => why.clone(),
            Outcome::Found { tried, evidence } => {
                format!("{} of {tried}: {}", evidence.len(), self.card.title)
            }
        };
        format!("{:<10} {:<26} {}", mark(self), self.card.name, plain(&what))
    }
}

fn finding(examined: &Examined) -> String {
    let Outcome::Found { evidence, .. } = &examined.outcome else {
        return String::new();
    };
    let card = examined.card;
    let mut text = format!(
        "\n[{}] {}: NOT \"{}\"\n",
        mark(examined),
        card.name,
        card.title
    );
    for piece in evidence.iter().take(SHOWN) {
        text.push_str(&format!("  sent       {}\n", plain(&piece.sent)));
        if let Some(token) = &piece.token {
            let token: String = token.chars().take(TOKEN).collect();
            text.push_str(&format!("             {}…\n", plain(&token)));
        }
        text.push_str(&format!("  came back  {}\n", plain(&piece.came_back)));
    }
    if evidence.len() > SHOWN {
        text.push_str(&format!("  and {} more like it\n", evidence.len() - SHOWN));
    }
    for (name, says) in [
        ("why", card.why),
        ("source", card.source),
        ("fix", card.fix),
    ] {
        text.push_str(&format!("  {name:<9}  {says}\n"));
    }
    text
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
