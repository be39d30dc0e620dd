//! Numbers, times and ids, straight into bytes.

use std::fmt;

use tidings_core::text::{write_integer, write_padded};
use tidings_core::{BusId, ContentId, EventId, Timestamp};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Takes text at the end of bytes.
struct Utf8<'a>(&'a mut Vec<u8>);

impl fmt::Write for Utf8<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn written(outcome: fmt::Result) {
    outcome.expect("bytes take every text");
}

/// Appends a whole number.
pub(super) fn push_integer(out: &mut Vec<u8>, number: u64) {
    written(write_integer(&mut Utf8(out), number));
}

/// Appends a content id as it prints.
pub(super) fn push_content_id(out: &mut Vec<u8>, id: ContentId) {
    written(id.write_to(&mut Utf8(out)));
}

/// Appends event ids, of which most name the same bus.
#[derive(Debug)]
pub(super) struct EventIds {
    bus: BusId,
    bus_text: Vec<u8>,
}

impl EventIds {
    pub(super) fn new() -> Self {
        let mut ids = Self { bus: BusId::from_u128(0), bus_text: Vec::new() };
        ids.know(ids.bus);
        ids
    }

    /// Appends an event id as it prints.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, id: EventId) {
        if id.bus() != self.bus {
            self.know(id.bus());
        }
        out.extend_from_slice(&self.bus_text);
        push_integer(out, u64::from(id.lane().number()));
        out.push(b'.');
        push_integer(out, id.sequence());
    }

    fn know(&mut self, bus: BusId) {
        self.bus = bus;
        self.bus_text.clear();
        written(bus.write_to(&mut Utf8(&mut self.bus_text)));
        self.bus_text.push(b'.');
    }
}

/// Appends seconds since the Unix epoch with nine decimals, made of integers, so that no
/// digit is lost.
pub(super) fn push_seconds(out: &mut Vec<u8>, time: Timestamp) {
    if time.as_nanos() < 0 {
        out.push(b'-');
    }
    let magnitude = time.as_nanos().unsigned_abs();
    push_integer(out, magnitude / NANOS_PER_SECOND);
    out.push(b'.');
    written(write_padded::<9>(&mut Utf8(out), magnitude % NANOS_PER_SECOND));
}

#[cfg(test)]
mod tests {
    use tidings_core::Lane;

    use super::*;

    fn pushed(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn times_are_exact_on_both_sides_of_the_epoch() {
        for (nanos, text) in [
            (0, "0.000000000"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (1_795_230_202_119_948_123, "1795230202.119948123"),
            (-1_500_000_000, "-1.500000000"),
            (i64::MAX, "9223372036.854775807"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            assert_eq!(pushed(|out| push_seconds(out, Timestamp::from_nanos(nanos))), text);
        }
    }

    #[test]
    fn an_id_is_written_as_it_prints() {
        let mut ids = EventIds::new();
        for bus in [u128::MAX / 3, 7, 7, 0, u128::MAX] {
            let id = EventId::new(BusId::from_u128(bus), Lane::new(u32::MAX), u64::MAX);
            assert_eq!(pushed(|out| ids.push(out, id)), id.to_string());
        }
        let id = EventId::new(BusId::from_u128(0), Lane::new(0), 0);
        assert_eq!(pushed(|out| EventIds::new().push(out, id)), id.to_string());
        let id = ContentId::from_u128(u128::MAX / 5);
        assert_eq!(pushed(|out| push_content_id(out, id)), id.to_string());
    }
}
