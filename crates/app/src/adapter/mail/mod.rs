//! Letters on their way out. What a letter says is `letter.rs`; how it leaves is one file per transport.

mod folder;
mod letter;
mod smtp;

use keywright_domain::account::Mail;
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;

use crate::config::{Config, Environment, Links, SecretError, Transport};
use folder::Folder;
use smtp::Smtp;

/// Sends letters as the configuration says.
pub struct Mailer {
    from: Mailbox,
    issuer: String,
    links: Links,
    transport: Sender,
}

enum Sender {
    Folder(Folder),
    Smtp(Smtp),
}

#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("{key} is not set or not valid")]
    Configuration { key: &'static str },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the letter could not be composed: {0}")]
    Compose(#[from] lettre::error::Error),
    #[error("the mail server did not take the letter: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    #[error("the letter could not be written: {0}")]
    Folder(#[from] std::io::Error),
}

impl Mailer {
    /// `None` if letters are to wait in the outbox.
    pub fn from_config(
        config: &Config,
        environment: &Environment,
    ) -> Result<Option<Self>, MailError> {
        let transport = match config.mail.transport {
            Transport::None => return Ok(None),
            Transport::Folder => Sender::Folder(Folder::from_config(config)?),
            Transport::Smtp => Sender::Smtp(Smtp::from_config(config, environment)?),
        };
        let from = config
            .mail
            .from
            .parse()
            .map_err(|_| MailError::Configuration { key: "mail.from" })?;
        let issuer = config
            .issuer
            .url
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        Ok(Some(Self {
            from,
            issuer,
            links: config.links.clone(),
            transport,
        }))
    }

    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.compose(mail)?;
        match &self.transport {
            Sender::Folder(folder) => folder.keep(mail.kind.as_str(), &message).await,
            Sender::Smtp(smtp) => smtp.send(message).await,
        }
    }

    fn compose(&self, mail: &Mail) -> Result<Message, MailError> {
        let address = mail
            .to
            .as_str()
            .parse()
            .map_err(|_| MailError::Configuration { key: "recipient" })?;
        let letter = letter::write(mail, &self.issuer, &self.links);
        Ok(Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body)?)
    }
}
