//! Compressed bodies.

use std::fmt;

use flate2::{Compress, FlushCompress, Status};

/// The level of gzip unless it is said otherwise: the fastest, which makes events about
/// a tenth of their size.
pub const GZIP_LEVEL_DEFAULT: u32 = 1;

const GZIP_LEVEL_MAX: u32 = 9;

/// The largest window; a smaller one saves memory only.
const WINDOW_BITS: u8 = 15;

/// How much room there is at least for what the compressor has to say.
const ROOM_BYTES: usize = 32 * 1024;

/// How bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// They are not.
    #[default]
    None,
    /// By gzip, RFC 1952.
    Gzip {
        /// From 0, none, to 9, the smallest.
        level: u32,
    },
}

impl Compression {
    /// By gzip, at the [default level](GZIP_LEVEL_DEFAULT).
    pub const GZIP: Self = Self::Gzip { level: GZIP_LEVEL_DEFAULT };
}

/// A compressor and its output, both used again and again.
pub(crate) struct Gzip {
    compress: Compress,
    out: Vec<u8>,
}

impl Gzip {
    /// A compressor of this level; none if there is no such level.
    pub(crate) fn new(level: u32) -> Option<Self> {
        (level <= GZIP_LEVEL_MAX).then(|| Self {
            compress: Compress::new_gzip(flate2::Compression::new(level), WINDOW_BITS),
            out: Vec::new(),
        })
    }

    /// The pieces, one after the other, as one gzip member.
    pub(crate) fn compress(&mut self, pieces: &[&[u8]]) -> &[u8] {
        self.compress.reset();
        self.out.clear();
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (used, _) = self.step(rest, FlushCompress::None);
                rest = &rest[used..];
            }
        }
        while self.step(&[], FlushCompress::Finish).1 != Status::StreamEnd {}
        &self.out
    }

    fn step(&mut self, input: &[u8], flush: FlushCompress) -> (usize, Status) {
        if self.out.capacity() - self.out.len() < ROOM_BYTES / 2 {
            self.out.reserve(ROOM_BYTES);
        }
        let before = self.compress.total_in();
        let status = self
            .compress
            .compress_vec(input, &mut self.out, flush)
            .expect("a compressor that was reset takes any input");
        let used = usize::try_from(self.compress.total_in() - before);
        (used.expect("no more is used than there was"), status)
    }
}

impl fmt::Debug for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gzip")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn pieces_read_back_as_one_body() {
        let noise: Vec<u8> =
            (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        for level in 0..=9 {
            let mut gzip = Gzip::new(level).expect("a level");
            for pieces in [&[&b"["[..], &noise, b"]"][..], &[], &[b"", b"a"]] {
                assert_eq!(read(gzip.compress(pieces)), pieces.concat(), "level {level}");
            }
        }
    }

    #[test]
    fn a_level_above_nine_is_refused() {
        assert!(Gzip::new(10).is_none());
    }
}
