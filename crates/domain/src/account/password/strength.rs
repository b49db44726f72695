//! What is strong enough (NIST SP 800-63B §3.1.1): length and guessability, no rules about digits and punctuation.

use crate::account::{Email, Username};
use crate::secret::PlainSecret;

const SHORTEST: usize = 8;
/// In bytes. Longer input is refused rather than cut: cutting would accept a password that the person did not choose.
pub const LONGEST: usize = 1024;
/// zxcvbn's time grows with its input; what is strong in 100 characters is strong.
const JUDGED: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("the password is too short: at least {SHORTEST} characters")]
    TooShort,
    #[error("the password is too long: at most {LONGEST} bytes")]
    TooLong,
    #[error("the password is too easy to guess: {0}")]
    Guessable(String),
}

/// `least` is a zxcvbn score, 0 to 4. The account's own names count as guesses.
pub fn check_strength(
    password: &PlainSecret,
    least: u8,
    username: Option<&Username>,
    email: &Email,
) -> Result<(), WeakPassword> {
    let text = password.expose();
    if text.len() > LONGEST {
        return Err(WeakPassword::TooLong);
    }
    if text.chars().count() < SHORTEST {
        return Err(WeakPassword::TooShort);
    }
    let judged: String = text.chars().take(JUDGED).collect();
    let mut known: Vec<&str> = email.as_str().split(['@', '.']).collect();
    known.extend([email.as_str(), "keywright"]);
    known.extend(username.map(Username::as_str));
    let verdict = zxcvbn::zxcvbn(&judged, &known);
    if u8::from(verdict.score()) >= least {
        return Ok(());
    }
    let advice = verdict.feedback().map(|feedback| {
        let warning = feedback.warning().map(|w| w.to_string());
        let tips = feedback.suggestions().iter().map(ToString::to_string);
        warning
            .into_iter()
            .chain(tips)
            .collect::<Vec<_>>()
            .join(" ")
    });
    Err(WeakPassword::Guessable(
        advice.unwrap_or_else(|| "add another word or two".to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), WeakPassword> {
        let (name, email) = (
            "petronella".parse().unwrap(),
            "petronella.smit@example.org".parse().unwrap(),
        );
        check_strength(&PlainSecret::new(password), 3, Some(&name), &email)
    }

    #[test]
    fn guessable_passwords_are_refused_and_long_phrases_pass() {
        assert_eq!(judge("short"), Err(WeakPassword::TooShort));
        assert!(matches!(
            judge("password123"),
            Err(WeakPassword::Guessable(_))
        ));
        assert!(
            matches!(judge("petronella.smit"), Err(WeakPassword::Guessable(_))),
            "their own name"
        );
        assert_eq!(judge("seven otters juggle lamps"), Ok(()));
        assert_eq!(judge(&"x".repeat(LONGEST + 1)), Err(WeakPassword::TooLong));
    }
}
