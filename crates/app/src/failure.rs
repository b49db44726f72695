//! How a command ends.

/// Why a command ends with another code than 0.
#[derive(Debug)]
pub enum Failure {
    /// 1: it was refused, or it failed.
    Refused(anyhow::Error),
    /// 2: it could not even be tried.
    CouldNotRun(anyhow::Error),
    /// 1: the output says it all.
    Told,
}

pub type Outcome = Result<(), Failure>;

pub fn could_not_run(error: impl Into<anyhow::Error>) -> Failure {
    Failure::CouldNotRun(error.into())
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}
