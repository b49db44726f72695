//! What serde found wrong, said in terms of the request: which member, and what was expected there.

use std::fmt::Display;

use crate::problem::Problem;

/// `path` is where the reader was; messages about names add the name itself.
pub fn problem(path: &str, message: &dyn Display) -> Problem {
    let message = message.to_string();
    let message = without_position(&message);
    let parent = path.trim_start_matches('.');
    for (prefix, says) in [
        ("missing field `", "it is required"),
        ("unknown field `", "there is no such member here"),
        ("duplicate field `", "it is given more than once"),
    ] {
        if let Some(rest) = message.strip_prefix(prefix) {
            let name = rest.split('`').next().unwrap_or_default();
            // The reader may or may not have counted the name as part of its path already.
            let parent = parent.strip_suffix(name).unwrap_or(parent);
            let parent = parent.strip_suffix('.').unwrap_or(parent);
            let dot = if parent.is_empty() { "" } else { "." };
            return Problem::field(format!("{parent}{dot}{name}"), says);
        }
    }
    // The value itself stays out of the answer: it may be a secret in the wrong place.
    match message.split_once(", expected ") {
        Some((_, expected)) => Problem::field(parent, format!("expected {expected}")),
        None => Problem::field(parent, message),
    }
}

/// `serde_json` adds ` at line 1 column 7`, which says less than the path.
fn without_position(message: &str) -> &str {
    message
        .rsplit_once(" at line ")
        .map_or(message, |(text, _)| text)
}
