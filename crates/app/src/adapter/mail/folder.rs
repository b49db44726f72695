//! Letters as files, for trying things out and for tests. Only the owner can read them: they carry one-time tokens.

use std::path::{Path, PathBuf};

use lettre::Message;
use tokio::fs::{self, DirBuilder, OpenOptions};
use tokio::io::AsyncWriteExt;

use super::MailError;
use crate::config::Config;

pub struct Folder(PathBuf);

impl Folder {
    pub fn from_config(config: &Config) -> Result<Self, MailError> {
        let folder = config
            .mail
            .folder
            .as_ref()
            .ok_or(MailError::Configuration { key: "mail.folder" })?;
        Ok(Self(config.path(folder)))
    }

    /// Writes under a name that sorts by time; a reader never sees half a letter.
    pub async fn keep(&self, kind: &str, message: &Message) -> Result<(), MailError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .await?;
        let mut number = count(&self.0).await?;
        let unfinished = self.0.join(format!(".{kind}.{}", std::process::id()));
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)
            .await?;
        file.write_all(&message.formatted()).await?;
        file.flush().await?;
        loop {
            number += 1;
            let path = self.0.join(format!("{number:06}-{kind}.eml"));
            match fs::hard_link(&unfinished, &path).await {
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                linked => {
                    fs::remove_file(&unfinished).await?;
                    linked?;
                    tracing::info!(target: "mail.letter.kept", kind, path = %path.display(), "a letter was written");
                    return Ok(());
                }
            }
        }
    }
}

async fn count(folder: &Path) -> std::io::Result<u64> {
    let mut entries = fs::read_dir(folder).await?;
    let mut count = 0;
    while let Some(entry) = entries.next_entry().await? {
        count += u64::from(
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "eml"),
        );
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::scratch::Scratch;

    #[tokio::test]
    async fn letters_are_numbered_private_and_complete() {
        let scratch = Scratch::new("mail-folder");
        let folder = Folder(scratch.path().join("mail"));
        let message = Message::builder()
            .from("a@example.org".parse().unwrap())
            .to("b@example.org".parse().unwrap())
            .body("kwl_abc\n".to_owned())
            .unwrap();
        folder.keep("verify_email", &message).await.unwrap();
        folder.keep("password_changed", &message).await.unwrap();
        let mut names: Vec<_> = std::fs::read_dir(&folder.0)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["000001-verify_email.eml", "000002-password_changed.eml"]
        );
        let path = folder.0.join(&names[0]);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .ends_with("kwl_abc\r\n")
        );
    }
}
