//! How a person proved who they are, as a class (`acr`, OpenID Connect Core §2).

/// A password over a protected channel: the class that SAML 2.0 Authentication Context (§3.4.20) registered for what a login here
/// proves. Levels of assurance (RFC 6711) say more than a login can: they speak of how an identity was proofed.
pub const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// All classes, for discovery.
pub const SUPPORTED: [&str; 1] = [PASSWORD];

/// The class of a login by these methods (RFC 8176); none for methods of which no class is known.
pub fn of(amr: &[String]) -> Option<&'static str> {
    let known = amr.iter().any(|method| method == "pwd");
    known.then_some(PASSWORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_proved_has_a_class() {
        let of =
            |methods: &[&str]| of(&methods.iter().map(|m| (*m).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["pwd"]), Some(PASSWORD));
        assert_eq!(of(&["otp", "pwd"]), Some(PASSWORD));
        assert_eq!(of(&["hwk"]), None);
        assert_eq!(of(&[]), None);
    }
}
