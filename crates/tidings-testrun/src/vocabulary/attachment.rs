//! Attachments: files and small pieces of content that belong to a result.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tidings_derive::Event;

use super::base64;

/// The most bytes that an attachment carries inside its event.
pub const ATTACHMENT_INLINE_BYTES_MAX: usize = 64 * 1024;

/// `test.attachment`: something that belongs to its item.
///
/// ```
/// use tidings_testrun::Attachment;
///
/// let shot = Attachment::path("screenshot", "shots/login.png").with_media_type("image/png");
/// let note = Attachment::inline("note", b"42 retries")?;
/// assert_eq!(note.bytes().as_deref(), Some(&b"42 retries"[..]));
/// assert_eq!(shot.bytes(), None);
/// # Ok::<(), tidings_testrun::AttachmentTooLarge>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(namespace = "test", crate = "tidings_core")]
#[non_exhaustive]
pub struct Attachment {
    /// What it is called.
    #[serde(default)]
    pub name: String,
    /// What it is, as in `image/png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// How many bytes it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// The attempt of its case that it belongs to; the last one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Where its content is.
    pub content: AttachmentContent,
}

/// Where the content of an attachment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttachmentContent {
    /// In a file, or at a URL.
    #[non_exhaustive]
    Path {
        /// Its name, as its producer sees it.
        path: String,
    },
    /// In a store that is addressed by content.
    #[non_exhaustive]
    Digest {
        /// Algorithm and digest, as in `sha256:9f86d081…`.
        digest: String,
    },
    /// Here.
    #[non_exhaustive]
    Inline {
        /// The bytes in Base64 (RFC 4648 §4).
        base64: String,
    },
    /// Left out to keep within a limit.
    Omitted,
    /// At a place that this version does not know.
    #[serde(other)]
    Other,
}

/// The content is too large to travel inside an event; keep it in a file and attach that.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "an attachment of {bytes} bytes is too large to be inline (at most {ATTACHMENT_INLINE_BYTES_MAX})"
)]
pub struct AttachmentTooLarge {
    bytes: usize,
}

impl Attachment {
    fn new(name: impl Into<String>, content: AttachmentContent) -> Self {
        Self { name: name.into(), media_type: None, size_bytes: None, attempt: None, content }
    }

    /// A file, or a URL.
    pub fn path(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self::new(name, AttachmentContent::Path { path: path.into() })
    }

    /// Something in a store that is addressed by content: `sha256:9f86d081…`.
    pub fn digest(name: impl Into<String>, digest: impl Into<String>) -> Self {
        Self::new(name, AttachmentContent::Digest { digest: digest.into() })
    }

    /// Something small, inside the event itself.
    ///
    /// # Errors
    ///
    /// [`AttachmentTooLarge`] above [`ATTACHMENT_INLINE_BYTES_MAX`].
    pub fn inline(name: impl Into<String>, bytes: &[u8]) -> Result<Self, AttachmentTooLarge> {
        if bytes.len() > ATTACHMENT_INLINE_BYTES_MAX {
            return Err(AttachmentTooLarge { bytes: bytes.len() });
        }
        let content = AttachmentContent::Inline { base64: base64::encode(bytes) };
        Ok(Self { size_bytes: Some(bytes.len() as u64), ..Self::new(name, content) })
    }

    /// Says what it is, as in `image/png`.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Says how many bytes it has.
    #[must_use]
    pub fn with_size_bytes(mut self, size_bytes: u64) -> Self {
        self.size_bytes = Some(size_bytes);
        self
    }

    /// Says which attempt of its case it belongs to.
    #[must_use]
    pub fn with_attempt(mut self, attempt: u32) -> Self {
        self.attempt = Some(attempt);
        self
    }

    /// The content, when it is inline and readable.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match &self.content {
            AttachmentContent::Inline { base64 } => base64::decode(base64),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_and_what_just_fits_is_not() {
        let fits = vec![7; ATTACHMENT_INLINE_BYTES_MAX];
        let attached = Attachment::inline("core", &fits).expect("just fits");
        assert_eq!(attached.bytes(), Some(fits));
        let fault = Attachment::inline("core", &vec![7; ATTACHMENT_INLINE_BYTES_MAX + 1]);
        assert_eq!(
            fault.expect_err("too large").to_string(),
            "an attachment of 65537 bytes is too large to be inline (at most 65536)"
        );
    }

    #[test]
    fn a_place_of_tomorrow_is_read_as_other() {
        let text = r#"{"name":"a","content":{"kind":"cloud","bucket":"b"},"colour":"red"}"#;
        let attached: Attachment = serde_json::from_str(text).expect("reads");
        assert_eq!(attached.content, AttachmentContent::Other);
    }
}
