//! For scripts. The members are a stable interface.

use serde_json::{Value, json};

use super::{Report, mark};
use crate::card::{Evidence, Examined, Outcome};

impl Report {
    pub fn to_json(&self) -> Value {
        let tally = self.tally();
        json!({
            "kind": self.kind,
            "target": self.target,
            "issuer": self.issuer,
            "started_at": self.started_at,
            "seconds": self.took.as_secs_f64(),
            "sound": self.is_sound(),
            "tally": {
                "sound": tally.sound,
                "findings": tally.findings,
                "notes": tally.notes,
                "not_tried": tally.skipped,
            },
            "examined": self.examined.iter().map(entry).collect::<Vec<_>>(),
        })
    }
}

fn entry(examined: &Examined) -> Value {
    let card = examined.card;
    let mut entry = json!({
        "name": card.name,
        "title": card.title,
        "severity": card.severity.as_str(),
        "outcome": match &examined.outcome {
            Outcome::Sound { .. } => "sound",
            Outcome::Skipped(_) => "not_tried",
            Outcome::Found { .. } if examined.is_finding() => "finding",
            Outcome::Found { .. } => "note",
        },
        "mark": mark(examined),
        "tolerated": examined.tolerated,
    });
    match &examined.outcome {
        Outcome::Sound { tried, measured } => {
            entry["tried"] = json!(tried);
            entry["measured"] = json!(measured);
        }
        Outcome::Skipped(why) => entry["reason"] = json!(why),
        Outcome::Found { tried, evidence } => {
            entry["tried"] = json!(tried);
            entry["why"] = json!(card.why);
            entry["source"] = json!(card.source);
            entry["fix"] = json!(card.fix);
            entry["evidence"] = evidence.iter().map(piece).collect();
        }
    }
    entry
}

fn piece(evidence: &Evidence) -> Value {
    json!({ "sent": evidence.sent, "token": evidence.token, "came_back": evidence.came_back })
}
