//! The one secret that opens all others: 32 random bytes that rest outside the database.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::hkdf;
use keywright_domain::ports::Entropy;
use zeroize::Zeroizing;

const BYTES: usize = 32;
/// A file longer than this is not a master key; reading stops there.
const LONGEST_FILE: u64 = 1024;

/// Never used directly: each use has its own key, derived by HKDF-SHA256 (RFC 5869) under a label of its own.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; BYTES]>);

/// Why a master key is refused.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error("cannot read the master key {path}: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot create the master key {path}: {source}")]
    Uncreatable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the master key {path} has mode {mode:04o}: its group or everybody may read it; run `chmod 600` on it"
    )]
    TooOpen { path: PathBuf, mode: u32 },
    #[error("a master key is 32 bytes, raw or in base64 (make one with `openssl rand -base64 32`)")]
    Malformed,
    #[error("this master key repeats one byte, so it was not drawn at random")]
    Guessable,
}

impl MasterKey {
    /// Reads a file that only its owner may read.
    pub fn from_file(path: &Path) -> Result<Self, MasterKeyError> {
        let mode = fs::metadata(path)
            .map_err(|e| unreadable(path, e))?
            .permissions()
            .mode()
            & 0o7777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::TooOpen {
                path: path.to_owned(),
                mode,
            });
        }
        Self::read(path)
    }

    /// Reads a systemd credential, `directory` being `$CREDENTIALS_DIRECTORY`. Its mode is systemd's business: where it
    /// grants access by ACL, the group bits show the ACL's mask and mean nothing.
    pub fn from_credential(directory: &Path, name: &str) -> Result<Self, MasterKeyError> {
        Self::read(&directory.join(name))
    }

    /// Reads base64, as an environment variable holds it.
    pub fn from_base64(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim_ascii().trim_end_matches('=');
        let decoded = base64_simd::STANDARD_NO_PAD
            .decode_to_vec(text)
            .or_else(|_| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text))
            .map_err(|_| MasterKeyError::Malformed)?;
        Self::from_bytes(&Zeroizing::new(decoded))
    }

    /// Draws a master key and writes it to a new file of mode 0600, synced to disk before anything is sealed under it.
    pub fn create_file(path: &Path, entropy: &dyn Entropy) -> Result<Self, MasterKeyError> {
        let uncreatable = |source| MasterKeyError::Uncreatable {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Zeroizing::new([0; BYTES]);
        entropy.fill(&mut *bytes);
        let text = Zeroizing::new(base64_simd::STANDARD.encode_to_string(*bytes));
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(uncreatable)?;
        writeln!(file, "{}", *text)
            .and_then(|()| file.sync_all())
            .map_err(uncreatable)?;
        Self::from_bytes(&*bytes)
    }

    /// The key for one use.
    pub(crate) fn derive<const N: usize>(&self, label: &str) -> Zeroizing<[u8; N]> {
        let mut key = Zeroizing::new([0; N]);
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"keywright").extract(&*self.0);
        let filled = extracted
            .expand(&[label.as_bytes()], Length(N))
            .and_then(|expanded| expanded.fill(&mut *key));
        // HKDF fails only for more than 255 hashes of output (RFC 5869 §2.3), which no caller asks for.
        debug_assert!(filled.is_ok());
        key
    }

    fn read(path: &Path) -> Result<Self, MasterKeyError> {
        let mut content = Zeroizing::new(Vec::with_capacity(64));
        File::open(path)
            .and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut content))
            .map_err(|e| unreadable(path, e))?;
        if content.len() == BYTES {
            return Self::from_bytes(&content);
        }
        Self::from_base64(std::str::from_utf8(&content).map_err(|_| MasterKeyError::Malformed)?)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, MasterKeyError> {
        let bytes: [u8; BYTES] = bytes.try_into().map_err(|_| MasterKeyError::Malformed)?;
        let key = Self(Zeroizing::new(bytes));
        if key.0.iter().all(|byte| *byte == key.0[0]) {
            return Err(MasterKeyError::Guessable);
        }
        Ok(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> MasterKeyError {
    MasterKeyError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
