use keywright_domain::ports::Entropy;

/// The random generator of aws-lc, seeded by the kernel.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the real randomness behind the port"
        )]
        let filled = aws_lc_rs::rand::fill(out);
        #[expect(
            clippy::expect_used,
            reason = "to go on without randomness would mint guessable secrets"
        )]
        filled.expect("the random generator of the operating system failed");
    }
}
