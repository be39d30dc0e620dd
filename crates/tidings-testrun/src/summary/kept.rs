//! What is kept of an item's output, attachments and files, within limits.
//!
//! Of long output the beginning and the end stay: a stack trace stands at the end, and what
//! led to it at the beginning.

use crate::vocabulary::{Attachment, AttachmentContent, OutputStream, Property};

use super::limits::{
    ATTACHMENTS_KEPT_MAX, LOG_FILES_KEPT_MAX, OUTPUT_BYTES_MAX, PROPERTIES_KEPT_MAX,
};
use super::text::{head, tail};

/// One half of the bytes kept.
const HALF: usize = OUTPUT_BYTES_MAX / 2;

/// A piece of output of one stream and attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptOutput {
    /// Where it was written to.
    pub stream: OutputStream,
    /// The attempt that wrote it: as its producer said, or else the one of that moment.
    pub attempt: Option<u32>,
    /// The text; pieces of one stream in a row are one.
    pub text: String,
}

/// What was said about an item while it was there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Notes {
    /// The beginning of its output, at most half of
    /// [`OUTPUT_BYTES_MAX`](super::OUTPUT_BYTES_MAX).
    pub output: Vec<KeptOutput>,
    /// The end of its output, when there was more; between the two,
    /// [`output_dropped_bytes`](Self::output_dropped_bytes) are missing.
    pub output_end: Vec<KeptOutput>,
    /// How many bytes of its output are not kept.
    pub output_dropped_bytes: u64,
    /// Its attachments, in the order they came.
    pub attachments: Vec<Attachment>,
    /// How many attachments are not kept.
    pub attachments_dropped: u64,
    /// Its logs.
    pub log_files: Vec<String>,
    /// What is said of it, at its beginning and its end.
    pub properties: Vec<Property>,
    output_bytes: usize,
    output_end_bytes: usize,
}

fn push(pieces: &mut Vec<KeptOutput>, stream: OutputStream, attempt: Option<u32>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.stream == stream && last.attempt == attempt => last.text.push_str(text),
        _ => pieces.push(KeptOutput { stream, attempt, text: text.to_owned() }),
    }
}

impl Notes {
    /// All output of one stream that is kept, with a mark where some is missing.
    pub fn text_of(&self, stream: OutputStream) -> String {
        let of = |pieces: &[KeptOutput]| -> String {
            let own = pieces.iter().filter(|piece| piece.stream == stream);
            own.map(|piece| piece.text.as_str()).collect()
        };
        let (mut text, end) = (of(&self.output), of(&self.output_end));
        let is_cut = self.output_dropped_bytes > 0 && (!text.is_empty() || !end.is_empty());
        if is_cut {
            if !text.ends_with('\n') && !text.is_empty() {
                text.push('\n');
            }
            text.extend(["[", &self.output_dropped_bytes.to_string(), " bytes left out]\n"]);
        }
        text + &end
    }

    /// How much of the budget of the summary it takes.
    pub(super) fn bytes(&self) -> usize {
        self.output_bytes + self.output_end_bytes + self.inline_bytes()
    }

    fn inline_bytes(&self) -> usize {
        let inline = self.attachments.iter().map(|attachment| match &attachment.content {
            AttachmentContent::Inline { base64 } => base64.len(),
            _ => 0,
        });
        inline.sum()
    }

    pub(super) fn add_output(&mut self, stream: OutputStream, attempt: Option<u32>, text: &str) {
        let mut rest = text;
        if self.output_end.is_empty() && self.output_dropped_bytes == 0 {
            let fits = head(text, HALF - self.output_bytes.min(HALF));
            push(&mut self.output, stream, attempt, fits);
            self.output_bytes += fits.len();
            rest = &text[fits.len()..];
        }
        let end = tail(rest, HALF);
        self.output_dropped_bytes += (rest.len() - end.len()) as u64;
        push(&mut self.output_end, stream, attempt, end);
        self.output_end_bytes += end.len();
        self.shorten_end();
    }

    /// Takes from the front of the end until it fits.
    fn shorten_end(&mut self) {
        while self.output_end_bytes > HALF {
            let excess = self.output_end_bytes - HALF;
            let first = &mut self.output_end[0];
            let goes = if excess >= first.text.len() {
                self.output_end.remove(0).text.len()
            } else {
                let goes = first.text.ceil_char_boundary(excess);
                first.text.drain(..goes);
                goes
            };
            self.output_end_bytes -= goes;
            self.output_dropped_bytes += goes as u64;
        }
    }

    pub(super) fn drop_output(&mut self, bytes: usize) {
        self.output_dropped_bytes += bytes as u64;
    }

    pub(super) fn add_attachment(
        &mut self,
        attachment: &Attachment,
        attempt: Option<u32>,
        has_room: bool,
    ) {
        if self.attachments.len() >= ATTACHMENTS_KEPT_MAX {
            self.attachments_dropped += 1;
            return;
        }
        let mut kept = attachment.clone();
        kept.attempt = attempt;
        let is_inline = matches!(kept.content, AttachmentContent::Inline { .. });
        if is_inline && !has_room {
            kept.content = AttachmentContent::Omitted;
        }
        self.attachments.push(kept);
    }

    pub(super) fn add_log_file(&mut self, path: &str) {
        let is_known = self.log_files.iter().any(|known| known == path);
        if !is_known && self.log_files.len() < LOG_FILES_KEPT_MAX {
            self.log_files.push(path.to_owned());
        }
    }

    pub(super) fn add_properties(&mut self, properties: &[Property]) {
        for property in properties {
            if !self.properties.contains(property) && self.properties.len() < PROPERTIES_KEPT_MAX {
                self.properties.push(property.clone());
            }
        }
    }

    /// Forgets what takes much room; says how many bytes that was.
    pub(super) fn shrink(&mut self) -> usize {
        let freed = self.bytes();
        let output = self.output_bytes + self.output_end_bytes;
        self.output_dropped_bytes += output as u64;
        (self.output_bytes, self.output_end_bytes) = (0, 0);
        self.output = Vec::new();
        self.output_end = Vec::new();
        for attachment in &mut self.attachments {
            if matches!(attachment.content, AttachmentContent::Inline { .. }) {
                attachment.content = AttachmentContent::Omitted;
            }
        }
        freed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_output_is_kept_as_it_is() {
        let mut notes = Notes::default();
        notes.add_output(OutputStream::Stdout, None, "a");
        notes.add_output(OutputStream::Stdout, None, "b\n");
        notes.add_output(OutputStream::Stderr, None, "c");
        assert_eq!(notes.output.len(), 2);
        assert_eq!(notes.text_of(OutputStream::Stdout), "ab\n");
        assert_eq!(notes.text_of(OutputStream::Log), "");
    }

    #[test]
    fn of_long_output_the_beginning_and_the_end_stay() {
        let mut notes = Notes::default();
        notes.add_output(OutputStream::Stdout, None, "begin ");
        notes.add_output(OutputStream::Stdout, None, &"x".repeat(3 * OUTPUT_BYTES_MAX));
        notes.add_output(OutputStream::Stdout, None, " end");
        let text = notes.text_of(OutputStream::Stdout);
        assert!(text.starts_with("begin x") && text.ends_with("x end"));
        assert!(text.contains("bytes left out]"));
        assert_eq!(notes.bytes(), OUTPUT_BYTES_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn every_byte_is_kept_or_counted(
            pieces in proptest::collection::vec((0..3_000_usize, any::<bool>()), 0..40)
        ) {
            let mut notes = Notes::default();
            let mut written = 0;
            for (length, is_error) in pieces {
                let stream = if is_error { OutputStream::Stderr } else { OutputStream::Stdout };
                let text = "aéß".repeat(length / 5);
                notes.add_output(stream, None, &text);
                written += text.len();
            }
            let dropped = usize::try_from(notes.output_dropped_bytes).expect("few");
            prop_assert_eq!(notes.bytes() + dropped, written);
            prop_assert!(notes.bytes() <= OUTPUT_BYTES_MAX);
        }
    }
}
