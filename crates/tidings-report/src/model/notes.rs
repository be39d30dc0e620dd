//! Output, attachments, log files and properties of an item, as the page shows them.

use serde::Serialize;
use tidings_testrun::{Attachment, AttachmentContent, KeptOutput, Notes, OutputStream, Property};

use super::number::{is_false, is_zero};
use super::text::{Name, Text};

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(super) struct NotesModel {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output: Vec<OutputModel>,
    /// What came after the part that is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_end: Vec<OutputModel>,
    #[serde(skip_serializing_if = "is_zero")]
    output_dropped_bytes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentModel>,
    #[serde(skip_serializing_if = "is_zero")]
    attachments_dropped: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    log_files: Vec<Name>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<[Name; 2]>,
    /// Whether output and attachments are there, and not in the page to keep it small.
    #[serde(skip_serializing_if = "is_false")]
    left_out: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OutputModel {
    stream: OutputStream,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    text: Text,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct AttachmentModel {
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(flatten)]
    content: ContentModel,
}

/// Where an attachment is; with none of these it was left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
struct ContentModel {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<Box<str>>,
}

/// Which parts of the notes of an item the page carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// No output, and of attachments only where they are.
    Short,
}

impl NotesModel {
    /// The notes; none when nothing was said.
    pub(super) fn of(notes: &Notes, extent: Extent) -> Option<Self> {
        let is_short = extent == Extent::Short;
        let pieces = |pieces: &[KeptOutput]| -> Vec<OutputModel> {
            let kept = pieces.iter().filter(|_| !is_short);
            kept.map(OutputModel::from).collect()
        };
        let model = Self {
            output: pieces(&notes.output),
            output_end: pieces(&notes.output_end),
            output_dropped_bytes: notes.output_dropped_bytes,
            attachments: notes.attachments.iter().map(|it| attachment(it, extent)).collect(),
            attachments_dropped: notes.attachments_dropped,
            log_files: notes.log_files.iter().map(|path| Name::new(path)).collect(),
            properties: properties(&notes.properties),
            left_out: is_short && bytes_of(notes) > 0,
        };
        (model != Self::default()).then_some(model)
    }
}

pub(super) fn properties(properties: &[Property]) -> Vec<[Name; 2]> {
    properties
        .iter()
        .map(|property| [Name::new(&property.name), Name::new(&property.value)])
        .collect()
}

/// How many bytes of output and inline attachments an item has.
pub(super) fn bytes_of(notes: &Notes) -> usize {
    let output = notes.output.iter().chain(&notes.output_end).map(|piece| piece.text.len());
    let inline = notes.attachments.iter().filter_map(inline).map(str::len);
    output.chain(inline).sum()
}

fn inline(attachment: &Attachment) -> Option<&str> {
    match &attachment.content {
        AttachmentContent::Inline { base64, .. } => Some(base64),
        _ => None,
    }
}

fn attachment(attachment: &Attachment, extent: Extent) -> AttachmentModel {
    let mut content = ContentModel::default();
    match &attachment.content {
        AttachmentContent::Path { path, .. } => content.path = Some(Name::new(path)),
        AttachmentContent::Digest { digest, .. } => content.digest = Some(Name::new(digest)),
        _ => content.base64 = inline(attachment).filter(|_| extent == Extent::Whole).map(Box::from),
    }
    AttachmentModel {
        name: Name::new(&attachment.name),
        media_type: attachment.media_type.as_deref().map(Name::new),
        size_bytes: attachment.size_bytes,
        attempt: attachment.attempt,
        content,
    }
}

impl From<&KeptOutput> for OutputModel {
    fn from(piece: &KeptOutput) -> Self {
        Self { stream: piece.stream, attempt: piece.attempt, text: Text::new(&piece.text) }
    }
}
