//! The numbers of RSA keys, as vaults write them.

use keywright_jwt::{Algorithm, Jwk, KeyError};

/// ASN.1 and some tokens put zeros in front, which a JWK must not have (RFC 7518 §6.3.1.1).
pub(crate) fn public_rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Jwk, KeyError> {
    Jwk::from_rsa(algorithm, without_zeros(n), without_zeros(e))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_of_numbers_are_not_part_of_them() {
        assert_eq!(without_zeros(&[0, 0, 1, 0]), [1, 0]);
        assert!(without_zeros(&[0]).is_empty());
    }
}
