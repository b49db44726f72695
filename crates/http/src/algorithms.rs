//! What others may sign with towards us: clients their assertions and proofs.

use keywright_jwt::Algorithm;

/// Every algorithm, for what either kind of key may sign.
pub fn all() -> Vec<&'static str> {
    Algorithm::ALL.iter().map(|alg| alg.as_str()).collect()
}

/// Every algorithm with a key pair, by its registered name. Whoever can verify a symmetric signature could have made it.
pub fn asymmetric() -> Vec<&'static str> {
    let asymmetric = Algorithm::ALL.iter().filter(|alg| !alg.is_symmetric());
    asymmetric.map(|alg| alg.as_str()).collect()
}
