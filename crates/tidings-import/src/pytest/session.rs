//! The session: which pytest it is, and how it ended.

use tidings_testrun::{ErrorItem, Failure, FailureKind, RunFinished, Status};

/// What is known of the session, or of several in one stream.
#[derive(Debug, Default)]
pub(super) struct Session {
    version: Option<String>,
    is_open: bool,
    has_ended: bool,
    /// The exit status; of several, the first that is not 0.
    status: Option<i64>,
    pub(super) has_collection_errors: bool,
}

impl Session {
    pub(super) fn begin(&mut self, version: Option<String>) {
        self.version = version.or(self.version.take());
        self.is_open = true;
    }

    /// Takes the end of a session; an error if pytest itself failed.
    pub(super) fn end(&mut self, status: Option<i64>) -> Option<ErrorItem> {
        (self.is_open, self.has_ended) = (false, true);
        self.status = self.status.filter(|status| *status != 0).or(status);
        let why = match status? {
            3 => "pytest failed with an internal error",
            4 => "pytest was called in a wrong way",
            _ => return None,
        };
        Some(ErrorItem::named("pytest", Failure::new(FailureKind::Error, why)))
    }

    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether pytest said that it is over.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended && !self.is_open
    }

    /// The end of the run, by what pytest says and by what has failed.
    pub(super) fn finished(&self, has_failed: bool) -> RunFinished {
        let failed = |status, why: &str| {
            RunFinished::new(status).with_failure(Failure::new(FailureKind::Error, why))
        };
        let by_content = if has_failed { Status::Failure } else { Status::Success };
        let finished = match self.status {
            Some(2) if self.has_collection_errors => RunFinished::new(Status::Failure),
            Some(2) => failed(Status::Aborted, "pytest was interrupted"),
            Some(3) => failed(Status::Error, "pytest failed with an internal error"),
            Some(4) => failed(Status::Error, "pytest was called in a wrong way"),
            Some(5) if !has_failed => RunFinished::new(Status::Skipped),
            Some(status) if status != 0 && !has_failed => {
                failed(Status::Failure, &format!("pytest ended with the exit status {status}"))
            }
            _ => RunFinished::new(by_content),
        };
        match self.status {
            Some(status) => finished.with_property("exitstatus", status.to_string()),
            None => finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_as_its_session_does() {
        for (status, has_failed, wanted) in [
            (Some(0), false, Status::Success),
            (Some(0), true, Status::Failure),
            (Some(1), true, Status::Failure),
            (Some(1), false, Status::Failure),
            (Some(2), true, Status::Aborted),
            (Some(3), true, Status::Error),
            (Some(4), true, Status::Error),
            (Some(5), false, Status::Skipped),
            (Some(77), false, Status::Failure),
            (None, false, Status::Success),
        ] {
            let mut session = Session::default();
            session.begin(None);
            session.end(status);
            assert_eq!(session.finished(has_failed).status, wanted, "{status:?}");
        }
    }

    #[test]
    fn only_a_fault_of_pytest_itself_is_an_error_of_its_own() {
        let errors = |status| Session::default().end(Some(status)).is_some();
        assert_eq!([0, 1, 2, 3, 4, 5].map(errors), [false, false, false, true, true, false]);
    }

    #[test]
    fn a_session_that_begins_again_has_not_ended() {
        let mut session = Session::default();
        session.begin(None);
        session.end(Some(1));
        assert!(session.has_ended());
        session.begin(None);
        assert!(!session.has_ended());
        session.end(Some(0));
        assert!(session.has_ended());
        assert_eq!(session.status, Some(1));
    }
}
