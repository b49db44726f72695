//! An error in one line, for the log and the terminal.

use std::error::Error;

/// The message and its causes, each once: some errors repeat their cause in their own text, some leave it to the chain.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |all, cause| {
        let cause = cause.to_string();
        if all.contains(&cause) {
            all
        } else {
            format!("{all}: {cause}")
        }
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn each_cause_is_told_once() {
        let disk = std::io::Error::other("the disk is full");
        let repeating: anyhow::Error = Err::<(), _>(disk)
            .context("cannot write: the disk is full")
            .context("keys")
            .unwrap_err();
        assert_eq!(
            with_causes(repeating.as_ref()),
            "keys: cannot write: the disk is full"
        );
        let silent = Err::<(), _>(std::io::Error::other("no route"))
            .context("mail")
            .unwrap_err();
        assert_eq!(with_causes(silent.as_ref()), "mail: no route");
    }
}
