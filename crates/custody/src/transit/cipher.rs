//! Seals what has to be known in this process to be used (server secrets, symmetric keys) under an AES-256 key that rests in the engine:
//! `version · ciphertext`. The label is authenticated with it.

use std::sync::OnceLock;

use keywright_domain::ports::CustodyError;
use keywright_domain::secret::Sealed;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::TransitError;
use super::key::{self, VERSION};
use super::server::Server;
use crate::label::{bad, bound};
use crate::place::UNDER_TRANSIT_KEY;

/// All nodes find it by this name, and whoever is first makes it.
const NAME: &str = "keywright-secrets";
const TYPE: &str = "aes256-gcm96";
const HEADER: [u8; 1] = [UNDER_TRANSIT_KEY];

/// Whether the key is known to be there.
#[derive(Default)]
pub(super) struct Cipher(OnceLock<()>);

#[derive(Serialize)]
struct Plain<'a> {
    plaintext: &'a str,
    associated_data: String,
    key_version: u32,
}

#[derive(Serialize)]
struct Closed {
    ciphertext: String,
    associated_data: String,
}

#[derive(Deserialize)]
struct Encrypted<'a> {
    ciphertext: &'a str,
}

#[derive(Deserialize)]
struct Decrypted<'a> {
    plaintext: &'a str,
}

impl Cipher {
    /// Whether the engine is there, and what has our key's name in it is such a key.
    pub fn check(&self, server: &Server) -> Result<(), TransitError> {
        if let Some(told) = key::find(server, NAME)? {
            told.demand_type(NAME, TYPE)?;
            self.0.get_or_init(|| ());
        }
        Ok(())
    }

    pub fn seal(
        &self,
        server: &Server,
        label: &str,
        secret: &[u8],
    ) -> Result<Sealed, CustodyError> {
        let sealed = self.encrypt(server, label, secret);
        let sealed = sealed.map_err(|error| error.into_custody(label))?;
        Ok(Sealed::from_bytes([&HEADER[..], &sealed].concat()))
    }

    pub fn open(
        &self,
        server: &Server,
        label: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let [UNDER_TRANSIT_KEY, body @ ..] = sealed.as_bytes() else {
            return Err(bad(label, "it is not sealed under a key of the engine"));
        };
        decrypt(server, label, body).map_err(|error| match error.is_verdict() {
            true => bad(
                label,
                "the sealed bytes were changed, or belong to another key",
            ),
            false => error.into_custody(label),
        })
    }

    fn encrypt(
        &self,
        server: &Server,
        label: &str,
        secret: &[u8],
    ) -> Result<Vec<u8>, TransitError> {
        if self.0.get().is_none() {
            key::make(server, NAME, TYPE)?;
            self.0.get_or_init(|| ());
        }
        let path = format!("encrypt/{NAME}");
        let plaintext = Zeroizing::new(base64_simd::STANDARD.encode_to_string(secret));
        let data = server.post(
            &path,
            &Plain {
                plaintext: &plaintext,
                associated_data: associated(label),
                key_version: VERSION,
            },
        )?;
        let Encrypted { ciphertext } = data.read()?;
        // The bytes, not their base64: that could be changed where it does not count.
        let ciphertext = key::unversioned(ciphertext, &path)?;
        let decoded = base64_simd::STANDARD.decode_to_vec(ciphertext);
        decoded.map_err(|_| TransitError::unexpected(&path))
    }
}

fn decrypt(server: &Server, label: &str, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, TransitError> {
    let path = format!("decrypt/{NAME}");
    let data = server.post(
        &path,
        &Closed {
            ciphertext: key::versioned(&base64_simd::STANDARD.encode_to_string(body)),
            associated_data: associated(label),
        },
    )?;
    let Decrypted { plaintext } = data.read()?;
    let secret = base64_simd::STANDARD.decode_to_vec(plaintext);
    let secret = secret.map_err(|_| TransitError::unexpected(&path))?;
    Ok(Zeroizing::new(secret))
}

fn associated(label: &str) -> String {
    base64_simd::STANDARD.encode_to_string(bound(&HEADER, label))
}
