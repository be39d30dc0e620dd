//! The words: events of a run, how things end, why they fail, what was planned.

mod attachment;
mod base64;
mod event;
mod failure;
mod items;
mod notes;
mod plan;
mod seconds;
mod selection;
mod status;

pub use attachment::{
    ATTACHMENT_INLINE_BYTES_MAX, Attachment, AttachmentContent, AttachmentTooLarge,
};
pub use event::TestRun;
pub use failure::{CAUSES_MAX, Cause, Failure, FailureKind, SourceLocation};
pub use items::{
    CaseFinished, CaseSkipped, CaseStarted, GroupFinished, GroupStarted, Property, RunFinished,
    RunStarted, StepFinished, StepStarted, SuiteFinished, SuiteStarted,
};
pub(crate) use items::{End, Start};
pub use notes::{ErrorItem, LogFile, NodeJoined, NodeLost, Output, OutputStream, Progress};
pub use plan::{RunPlanned, Selector};
pub use selection::UnknownName;
pub use status::{SkippedBy, Status, UnknownStatus, Verdict};
