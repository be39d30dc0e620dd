//! The one reducer: what every view of a run is made from.

mod counts;
mod cut;
mod execution;
mod kept;
mod limits;
mod observer;
mod planned;
mod reducer;
mod scope;
mod text;
mod view;
mod views;

pub use counts::{Counts, SummaryJson};
pub use kept::{KeptOutput, Notes};
pub use limits::{
    ATTACHMENTS_KEPT_MAX, ATTEMPTS_KEPT_MAX, FAILURE_BYTES_TOTAL_MAX, FAILURE_TEXT_BYTES_MAX,
    FAILURE_TEXT_BYTES_SHORT, LOG_FILES_KEPT_MAX, OUTPUT_BYTES_MAX, OUTPUT_BYTES_TOTAL_MAX,
    PROPERTIES_KEPT_MAX, STEPS_KEPT_MAX,
};
pub use observer::LiveSummary;
pub use reducer::RunSummary;
pub use view::{AttemptView, CaseView, ErrorView, FailureView, NodeView, StepView, SuiteView};
