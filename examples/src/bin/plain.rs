//! Without any framework: tokens on standard input, one a line, and what becomes of each on standard output.
#![expect(clippy::print_stdout, reason = "this is what the program is for")]

use std::io::BufRead;

use keywright_examples::{arguments, verifier};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (verifier, _background) = verifier(&arguments()?).await?;
    for token in std::io::stdin().lock().lines() {
        match verifier.verify_fresh(token?.trim()).await {
            Ok(verified) => println!("accepted {}", verified.sub().unwrap_or_default()),
            Err(refusal) => println!("refused {}", refusal.code()),
        }
    }
    Ok(())
}
