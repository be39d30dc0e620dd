//! Streams of other runners: their lines as events of a run on this bus.

use tidings_core::{Entity, Timestamp};
use tidings_import::{End, Format, Found, Line as Text, Stamper};
use tidings_registry::Bus;
use tidings_testrun::TestRun;

use super::importer::{Importer, Line, Outlet};
use crate::feed::Ended;

/// Reads the stream of a runner. The run, the node and the attributes are those of the bus.
#[derive(Debug)]
pub(super) struct Runner {
    importer: Box<dyn tidings_import::Importer>,
    stamper: Stamper,
    found: Found,
}

impl Runner {
    pub(super) fn new(format: Format, bus: &Bus) -> Self {
        // A run that nobody named has an id for a name, which nobody wants to read before
        // each case; that it is another run is said by its events.
        let is_named = bus.run() != bus.id().to_string();
        let run = if is_named { bus.run() } else { format.as_str() };
        let emitter = bus.emitter_for::<TestRun>(Entity::new("run", run));
        let stamper = Stamper::new(bus.run(), bus.node(), emitter.attributes().clone());
        Self { importer: format.importer(run), stamper, found: Found::new() }
    }

    fn hand_on(&mut self, bytes: usize, outlet: &mut dyn Outlet) -> Result<(), Ended> {
        for fault in self.found.take_faults() {
            outlet.refuse(fault);
        }
        let now = Timestamp::now();
        let mut bytes = bytes;
        for said in self.found.take_said() {
            // The line is counted once, however much it says.
            outlet.event(self.stamper.stamp(said, now), std::mem::take(&mut bytes))?;
        }
        Ok(())
    }
}

impl Importer for Runner {
    fn take(&mut self, line: Line<'_>, outlet: &mut dyn Outlet) -> Result<(), Ended> {
        // What tests print need not be UTF-8.
        let text = String::from_utf8_lossy(line.bytes);
        let line = if line.is_ended { Text::whole(&text) } else { Text::unfinished(&text) };
        self.importer.line(line, &mut self.found);
        self.hand_on(text.len(), outlet)
    }

    fn end(&mut self, is_interrupted: bool, outlet: &mut dyn Outlet) -> Result<(), Ended> {
        let end = if is_interrupted { End::Interrupted } else { End::OfInput };
        self.importer.end(end, &mut self.found);
        self.hand_on(0, outlet)
    }

    fn foreign(&self) -> u64 {
        self.found.foreign()
    }
}
