//! The transcript: a recording as text, one line an event, for a person to read.

use super::Recorder;
use crate::report::text;

impl Recorder {
    /// One line an event: number, type, entity and fields. Long values are cut.
    pub fn transcript(&self) -> String {
        let events = self.log.events();
        let line = |(index, event): (usize, &std::sync::Arc<tidings_core::Envelope>)| {
            format!("{}\n", text::event(index + 1, event, true))
        };
        events.iter().enumerate().map(line).collect()
    }
}
