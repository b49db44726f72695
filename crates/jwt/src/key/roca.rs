//! RSA keys that can be factored because of how a family of smart cards and TPMs made them (CVE-2017-15361, "ROCA").

/// Such a chip made each prime as `k·M + (65537^a mod M)`, `M` being the product of the first primes: of at least these for
/// every key of 992 bits or more (Nemec et al., "The Return of Coppersmith's Attack", §2).
const LAST_PRIME: u32 = 353;

const GENERATOR: u32 = 65_537;

/// Whether a modulus, as big-endian bytes, is of that form: then it is a power of the generator modulo every one of the
/// primes. Of honest moduli, fewer than one in 2^100 are.
pub(crate) fn has_weak_primes(modulus: &[u8]) -> bool {
    (3..=LAST_PRIME)
        .filter(|number| is_prime(*number))
        .all(|prime| is_power_of_generator(remainder(modulus, prime), prime))
}

fn is_prime(number: u32) -> bool {
    (2..number)
        .take_while(|by| by * by <= number)
        .all(|by| !number.is_multiple_of(by))
}

fn remainder(modulus: &[u8], prime: u32) -> u32 {
    let digits = modulus.iter().map(|byte| u32::from(*byte));
    digits.fold(0, |rest, digit| (rest * 256 + digit) % prime)
}

/// Walks through the powers until they repeat, which they do at 1.
fn is_power_of_generator(number: u32, prime: u32) -> bool {
    let powers = std::iter::successors(Some(1), |power| Some(power * (GENERATOR % prime) % prime));
    let mut powers = powers.skip(1).take(prime as usize);
    powers.any(|power| power == number)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    fn primorial(count: usize) -> BigUint {
        let primes = (2..).filter(|number| is_prime(*number)).take(count);
        primes.map(BigUint::from).product()
    }

    /// A modulus as the chip makes it for 2048 bits: `M` has 126 primes there, `k` and `a` are whatever they are.
    fn weak(number: u32) -> BigUint {
        let product = primorial(126);
        let factor = |seed: u32| {
            let power = BigUint::from(GENERATOR).modpow(&BigUint::from(seed), &product);
            &product * (BigUint::from(seed).pow(2) + 1_u32) + power
        };
        factor(1_000_003 + number) * factor(2_000_003 + 7 * number)
    }

    #[test]
    fn keys_of_the_chip_are_recognised() {
        for number in 0..200 {
            let modulus = weak(number);
            assert!(has_weak_primes(&modulus.to_bytes_be()), "{number}");
            // The same numbers without the form.
            assert!(
                !has_weak_primes(&(modulus + 2_u32).to_bytes_be()),
                "{number}"
            );
        }
    }

    #[test]
    fn honest_moduli_are_not() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..2_000 {
            let mut modulus = [0_u8; 256];
            for word in modulus.chunks_mut(8) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                word.copy_from_slice(&state.to_be_bytes());
            }
            modulus[0] |= 0x80;
            modulus[255] |= 1;
            assert!(!has_weak_primes(&modulus));
        }
    }
}
