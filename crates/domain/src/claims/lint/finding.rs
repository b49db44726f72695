//! What the lint says: which claim, what it looks like, and what to do about it. Never the value: findings are logged.

use std::fmt;

/// What a claim should not carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Password,
    PasswordHash,
    PrivateKey,
    ApiKey,
    Token,
    Email,
    Phone,
    PersonName,
    Username,
    PostalAddress,
    BirthDate,
    PaymentCard,
    BankAccount,
    NationalId,
    IpAddress,
    Location,
    /// What the law protects more than other data (GDPR art. 9), and what is next to it: sex, origin, belief, health.
    Sensitive,
}

/// What gave it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Its source is a personal attribute of the user.
    Source,
    /// What the claim is called.
    Name,
    /// What it carries.
    Value,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Finding {
    /// The claim as the token carries it.
    pub claim: String,
    /// Where inside it, such as `/contacts/0/mail` (RFC 6901); empty for the claim itself.
    pub path: String,
    pub kind: Kind,
    pub evidence: Evidence,
}

impl Kind {
    pub const ALL: [Kind; 17] = [
        Kind::Password,
        Kind::PasswordHash,
        Kind::PrivateKey,
        Kind::ApiKey,
        Kind::Token,
        Kind::Email,
        Kind::Phone,
        Kind::PersonName,
        Kind::Username,
        Kind::PostalAddress,
        Kind::BirthDate,
        Kind::PaymentCard,
        Kind::BankAccount,
        Kind::NationalId,
        Kind::IpAddress,
        Kind::Location,
        Kind::Sensitive,
    ];

    /// No service needs a secret in a token that every proxy, log and browser on its way can read.
    pub const fn is_secret(self) -> bool {
        matches!(
            self,
            Kind::Password | Kind::PasswordHash | Kind::PrivateKey | Kind::ApiKey | Kind::Token
        )
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Password => "password",
            Kind::PasswordHash => "password_hash",
            Kind::PrivateKey => "private_key",
            Kind::ApiKey => "api_key",
            Kind::Token => "token",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::PersonName => "person_name",
            Kind::Username => "username",
            Kind::PostalAddress => "postal_address",
            Kind::BirthDate => "birth_date",
            Kind::PaymentCard => "payment_card",
            Kind::BankAccount => "bank_account",
            Kind::NationalId => "national_id",
            Kind::IpAddress => "ip_address",
            Kind::Location => "location",
            Kind::Sensitive => "sensitive",
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Kind::Password => "a password",
            Kind::PasswordHash => "a password hash",
            Kind::PrivateKey => "a private key",
            Kind::ApiKey => "an API key",
            Kind::Token => "a token",
            Kind::Email => "an e-mail address",
            Kind::Phone => "a telephone number",
            Kind::PersonName => "a person's name",
            Kind::Username => "a user name",
            Kind::PostalAddress => "a postal address",
            Kind::BirthDate => "a date of birth",
            Kind::PaymentCard => "a payment card number",
            Kind::BankAccount => "a bank account number",
            Kind::NationalId => "a national identity number",
            Kind::IpAddress => "an IP address",
            Kind::Location => "a person's location",
            Kind::Sensitive => "sensitive personal data",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the claim `{}`", self.claim)?;
        if !self.path.is_empty() {
            write!(f, " (at {})", self.path)?;
        }
        let what = self.kind.says();
        match self.evidence {
            Evidence::Source => write!(f, " is {what}"),
            Evidence::Name => write!(f, " is called like {what}"),
            Evidence::Value => write!(f, " carries what looks like {what}"),
        }?;
        if self.kind.is_secret() {
            f.write_str("; whoever sees a token can read it: leave the claim out, or rename it if it is none")
        } else {
            write!(
                f,
                "; if its services must have it, name `{}` in `allow_personal`",
                self.claim
            )
        }
    }
}
