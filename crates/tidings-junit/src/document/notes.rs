//! Properties, attachments and log files of an item.
//!
//! What lies in a file is named in the output as `[[ATTACHMENT|path]]`, where Jenkins and
//! GitLab look for it; and everything is a property.

use quick_junit::Property;
use tidings_testrun::{Attachment, AttachmentContent, Notes};

use super::output::append;
use crate::text::{attribute, clean};

/// A property of this crate's own.
pub(super) fn own_property(name: &str, value: &str) -> Property {
    Property::new(attribute(&format!("tidings.{name}")), attribute(value))
}

/// The properties of an item, and what it has beside output.
pub(super) fn properties_of(notes: &Notes) -> Vec<Property> {
    let said = notes.properties.iter();
    let mut properties: Vec<_> = said
        .map(|property| Property::new(attribute(&property.name), attribute(&property.value)))
        .collect();
    properties.extend(notes.log_files.iter().map(|path| own_property("log_file", path)));
    let attachments = notes.attachments.iter();
    properties
        .extend(attachments.map(|attachment| own_property("attachment", &described(attachment))));
    if notes.attachments_dropped > 0 {
        let dropped = notes.attachments_dropped.to_string();
        properties.push(own_property("attachments_left_out", &dropped));
    }
    properties
}

/// Adds the files of an item to its output.
pub(super) fn append_files(out: &mut String, notes: &Notes) {
    let logs = notes.log_files.iter().map(String::as_str);
    let attached = notes.attachments.iter().filter_map(|attachment| match &attachment.content {
        AttachmentContent::Path { path, .. } => Some(path.as_str()),
        _ => None,
    });
    for path in logs.chain(attached).filter(|path| is_path(path)) {
        append(out, &format!("[[ATTACHMENT|{path}]]\n"));
    }
}

/// Whether a place is a file, and can be named in one line between brackets.
fn is_path(place: &str) -> bool {
    let is_legible = clean(place) == place && !place.contains(['\n', '\t']);
    let is_named = !place.trim().is_empty() && !place.contains("]]");
    is_named && is_legible && !place.contains("://")
}

/// `screenshot: shots/login.png (image/png, 5120 bytes)`.
fn described(attachment: &Attachment) -> String {
    let place = match &attachment.content {
        AttachmentContent::Path { path, .. } => path.as_str(),
        AttachmentContent::Digest { digest, .. } => digest.as_str(),
        AttachmentContent::Inline { .. } => "inline",
        AttachmentContent::Omitted => "left out",
        _ => "somewhere else",
    };
    let size = attachment.size_bytes.map(|bytes| format!("{bytes} bytes"));
    let known: Vec<&str> =
        [attachment.media_type.as_deref(), size.as_deref()].into_iter().flatten().collect();
    let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    format!("{}: {place}{known}", attachment.name)
}
