//! The files of a quickstart: `master.key`, `keywright.toml`, `demo-api.secret`, and where the database and the letters go.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use keywright_custody::MasterKey;
use keywright_domain::secret::PlainSecret;

use super::Manifest;
use crate::adapter::SystemEntropy;
use crate::config::{Config, Environment};

/// The API that the demo plays. Nobody has to resolve it: an audience is a name.
pub const AUDIENCE: &str = "https://orders.example";

/// The client as which the demo API follows the feed.
pub const FOLLOWER: &str = "demo-api";
const FOLLOWER_SECRET: &str = "demo-api.secret";

pub struct Directory(PathBuf);

impl Directory {
    /// Finds or makes the directory with its key and configuration.
    pub fn prepare(path: &Path, listen: Option<SocketAddr>, default: SocketAddr) -> Result<Self> {
        let path = std::path::absolute(path)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        let directory = Self(path);
        if !directory.master_key().exists() {
            MasterKey::create_file(&directory.master_key(), &SystemEntropy)?;
        }
        if !directory.keeps_to_its_address(listen)? {
            let listen = listen.unwrap_or(default);
            write_private(
                &directory.config_file(),
                &configuration(listen, demo_address(listen)?),
            )?;
        }
        Ok(directory)
    }

    /// The directory of a configuration file, which may be a quickstart's.
    pub fn of_config(config: &Config) -> Self {
        Self(config.base.clone())
    }

    pub fn config_file(&self) -> PathBuf {
        self.0.join("keywright.toml")
    }

    pub fn manifest_file(&self) -> PathBuf {
        self.0.join("quickstart.json")
    }

    /// Of the client as which the demo API follows the feed. Nobody else needs it.
    pub fn write_follower_secret(&self, secret: &PlainSecret) -> Result<()> {
        write_private(&self.0.join(FOLLOWER_SECRET), secret.expose())
    }

    pub fn mail(&self) -> PathBuf {
        self.0.join("mail")
    }

    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let path = self.manifest_file();
        if !path.exists() {
            return Ok(None);
        }
        let json = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let manifest = serde_json::from_slice(&json)
            .with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Some(manifest))
    }

    pub fn write_manifest(&self, manifest: &Manifest) -> Result<()> {
        write_private(
            &self.manifest_file(),
            &format!("{}\n", serde_json::to_string_pretty(manifest)?),
        )
    }

    fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// Whether the configuration stands. It holds the issuer's URL, which cannot change once a database knows it; until
    /// then, another address may be chosen, since the first may have been taken by another process.
    fn keeps_to_its_address(&self, listen: Option<SocketAddr>) -> Result<bool> {
        if !self.config_file().exists() {
            return Ok(false);
        }
        let config = Config::load(&self.config_file(), &Environment::default())?;
        let made_for = config.listen.address;
        let is_used = config
            .database
            .sqlite
            .is_none_or(|file| self.0.join(file).exists());
        match listen {
            Some(listen) if listen != made_for && is_used => bail!(
                "{} was made for {made_for}: its issuer URL cannot change; use another --dir for {listen}",
                self.0.display()
            ),
            Some(listen) => Ok(listen == made_for),
            None => Ok(true),
        }
    }
}

/// The next port, if it is free; else any.
fn demo_address(listen: SocketAddr) -> Result<SocketAddr> {
    let next = SocketAddr::new(listen.ip(), listen.port().wrapping_add(1));
    let any = SocketAddr::new(listen.ip(), 0);
    let listener = TcpListener::bind(next)
        .or_else(|_| TcpListener::bind(any))
        .with_context(|| format!("no free port on {}", listen.ip()))?;
    Ok(listener.local_addr()?)
}

/// Appears as a whole or not at all, readable by its owner alone.
fn write_private(path: &Path, content: &str) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        path.parent()
            .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn configuration(listen: SocketAddr, demo: SocketAddr) -> String {
    format!(
        r##"# Written by `keywright quickstart`; edit it as you like. docs/configuration.md describes every key.

[issuer]
url = "http://{listen}"
master_key = "file:master.key"

[listen]
address = "{listen}"

[database]
sqlite = "keywright.db"

[accounts]
default_roles = ["viewer"]
# So that you can register somebody and log in at once. Leave it at "required" for real people: otherwise whoever
# registers an address and logs in at once learns whether the address had an account.
email_verification = "optional"

[mail]
transport = "folder"
folder = "mail"

[demo]
address = "{demo}"
audience = "{AUDIENCE}"
client = "{FOLLOWER}"
secret = "file:{FOLLOWER_SECRET}"
"##
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::{Severity, lint};
    use crate::scratch::Scratch;

    const DEFAULT: &str = "127.0.0.1:8080";

    fn prepare(path: &Path, listen: Option<&str>) -> Result<Directory> {
        Directory::prepare(
            path,
            listen.map(|l| l.parse().unwrap()),
            DEFAULT.parse().unwrap(),
        )
    }

    #[test]
    fn everything_is_private_and_the_configuration_is_sound() {
        let scratch = Scratch::new("quickstart-fresh");
        let path = scratch.path().join("data");
        let directory = prepare(&path, Some("127.0.0.1:4711")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(
            (
                mode(&path.join("master.key")),
                mode(&path.join("keywright.toml"))
            ),
            (0o600, 0o600)
        );
        let config = Config::load(&directory.config_file(), &Environment::default()).unwrap();
        assert_eq!(config.listen.address.to_string(), "127.0.0.1:4711");
        assert!(
            lint(&config)
                .iter()
                .all(|finding| finding.severity == Severity::Warning)
        );
        config.policy(&Environment::default()).unwrap();
    }

    #[test]
    fn a_second_run_changes_no_byte_and_keeps_to_its_address() {
        let scratch = Scratch::new("quickstart-again");
        let directory = prepare(scratch.path(), None).unwrap();
        let read = || {
            (
                fs::read(directory.config_file()).unwrap(),
                fs::read(directory.master_key()).unwrap(),
            )
        };
        let before = read();
        prepare(scratch.path(), None).unwrap();
        prepare(scratch.path(), Some(DEFAULT)).unwrap();
        fs::write(scratch.path().join("keywright.db"), "").unwrap();
        assert!(prepare(scratch.path(), Some("127.0.0.1:9999")).is_err());
        assert_eq!(read(), before);
    }

    #[test]
    fn an_address_that_was_taken_can_be_changed_before_the_first_start() {
        let scratch = Scratch::new("quickstart-moved");
        prepare(scratch.path(), None).unwrap();
        let directory = prepare(scratch.path(), Some("127.0.0.1:9999")).unwrap();
        let config = Config::load(&directory.config_file(), &Environment::default()).unwrap();
        assert_eq!(
            config.issuer.url.unwrap().to_string(),
            "http://127.0.0.1:9999"
        );
    }
}
