//! Letters by SMTP, over TLS that verifies the server's certificate.

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::MailError;
use crate::config::{Config, Environment, MailSecurity};

const TIMEOUT: Duration = Duration::from_secs(15);

pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub fn from_config(config: &Config, environment: &Environment) -> Result<Self, MailError> {
        let mail = &config.mail;
        let host = mail
            .host
            .as_deref()
            .ok_or(MailError::Configuration { key: "mail.host" })?;
        let tls = || TlsParameters::new_rustls(host.to_owned());
        let (tls, port) = match mail.security {
            MailSecurity::Tls => (Tls::Wrapper(tls()?), 465),
            MailSecurity::Starttls => (Tls::Required(tls()?), 587),
            MailSecurity::Plain => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .tls(tls)
            .port(mail.port.unwrap_or(port))
            .timeout(Some(TIMEOUT));
        if let (Some(username), Some(password)) = (&mail.username, &mail.password) {
            let password = password.read(&config.base, environment)?;
            builder = builder.credentials(Credentials::new(
                username.clone(),
                password.expose().to_owned(),
            ));
        }
        Ok(Self(builder.build()))
    }

    pub async fn send(&self, message: Message) -> Result<(), MailError> {
        self.0.send(message).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use keywright_domain::account::{LetterKind, Mail};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use crate::adapter::mail::Mailer;
    use crate::config::{Config, Environment};

    /// Takes one letter and answers with what came behind DATA.
    async fn take_one_letter(listener: TcpListener) -> String {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 test\r\n").await.unwrap();
        let (mut letter, mut in_data) = (String::new(), false);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 {
                return letter;
            }
            let answer = match (in_data, line.trim_end()) {
                (true, ".") => {
                    in_data = false;
                    "250 taken\r\n"
                }
                (true, _) => {
                    letter.push_str(&line);
                    continue;
                }
                (false, "DATA") => {
                    in_data = true;
                    "354 go on\r\n"
                }
                (false, "QUIT") => return letter,
                (false, _) => "250 ok\r\n",
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_letter_reaches_the_mail_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let config: Config = toml::from_str(&format!(
            "[mail]\ntransport = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\nfrom = \"Id <id@example.org>\""
        ))
        .unwrap();
        let mailer = Mailer::from_config(&config, &Environment::default())
            .unwrap()
            .unwrap();
        let mail = Mail {
            to: "ann@example.org".parse().unwrap(),
            kind: LetterKind::PasswordChanged,
            token: None,
        };
        let server = tokio::spawn(take_one_letter(listener));
        mailer.send(&mail).await.unwrap();
        drop(mailer);
        let letter = server.await.unwrap();
        assert!(letter.contains("To: ann@example.org\r\n"), "{letter}");
        assert!(
            letter.contains("Subject: Your password was changed\r\n"),
            "{letter}"
        );
    }
}
