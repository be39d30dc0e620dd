//! What a pool says of itself: one variant is one event type, `selenium.pool.start`, …

use serde::{Deserialize, Serialize};
use tidings::Event;
use tidings::testrun::Attachment;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "selenium")]
pub(crate) enum PoolEvent {
    #[event(name = "pool.start", begin)]
    PoolStart { children: u8, jobs: usize },
    #[event(name = "new.child", begin)]
    NewChild,
    #[event(name = "job.start", begin)]
    JobStart { url: String },
    #[event(name = "job.finish", end(success))]
    JobFinish {
        title: String,
        #[event(volatile)] // Another one in each run, so it is no part of what was said.
        timetaken: f64,
    },
    #[event(name = "job.error", end(failure))]
    JobError { error: String, screenshot: Option<Attachment> },
    #[event(name = "end.child", end)]
    EndChild { status: String },
    #[event(name = "pool.stop", end)]
    PoolStop,
}
