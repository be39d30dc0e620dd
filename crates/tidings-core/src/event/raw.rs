//! Payloads of types this program does not know: their JSON text, byte for byte.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::descriptor::can_be_listed;
use super::{Payload, Role, Volatile};
use crate::ContentId;
use crate::json::{self, Canonical, EncodeError};

/// A JSON text that has been checked, kept as it was written.
///
/// ```
/// use tidings_core::RawJson;
///
/// let data = RawJson::parse(r#"{ "rate": 1.50 }"#)?;
/// assert_eq!(data.as_str(), r#"{ "rate": 1.50 }"#);
/// assert!(RawJson::parse("{rate: 1.5}").is_err());
/// # Ok::<(), tidings_core::InvalidJson>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson(Arc<str>);

impl RawJson {
    /// Checks a text. White space around it is cut off, nothing else is changed.
    ///
    /// # Errors
    ///
    /// [`InvalidJson`] with line and column when the text is no JSON.
    pub fn parse(text: &str) -> Result<Self, InvalidJson> {
        let checked: &RawValue =
            serde_json::from_str(text).map_err(|fault| InvalidJson(fault.to_string()))?;
        Ok(Self(checked.get().into()))
    }

    /// The canonical JSON of any value.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part has no JSON form.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        Ok(Self(json::to_string(value)?.into()))
    }

    /// The JSON value `null`.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<serde_json::Value> for RawJson {
    fn from(value: serde_json::Value) -> Self {
        // Canonical JSON refuses nesting that no reader accepts; the value is then kept in
        // the form that `serde_json` gives it, and its content id says what is wrong.
        let text = json::to_string(&value).unwrap_or_else(|_| value.to_string());
        Self(text.into())
    }
}

impl From<&RawValue> for RawJson {
    fn from(value: &RawValue) -> Self {
        Self(value.get().into())
    }
}

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a JSON text: {0}")]
pub struct InvalidJson(String);

/// A payload of a type that this program does not know: JSON, and what its sender said
/// about it.
///
/// ```
/// use tidings_core::{RawJson, RawPayload, Role};
///
/// let data = RawJson::parse(r#"{"seconds":0.25}"#)?;
/// let payload = RawPayload::new(data).with_volatile(["seconds"]).with_role(Role::Begin);
/// assert_eq!(payload.data().as_str(), r#"{"seconds":0.25}"#);
/// # Ok::<(), tidings_core::InvalidJson>(())
/// ```
#[derive(Clone)]
pub struct RawPayload {
    data: RawJson,
    volatile: Box<[Box<str>]>,
    role: Role,
    content_id: Option<ContentId>,
}

impl RawPayload {
    /// A payload with this content.
    pub fn new(data: impl Into<RawJson>) -> Self {
        Self { data: data.into(), volatile: Box::new([]), role: Role::Point, content_id: None }
    }

    /// Names the top-level fields that are no part of the content id.
    ///
    /// The wire lists the names separated by commas, so that everybody can recompute the
    /// id. An empty name or one with a comma cannot be said there, and is left out: that
    /// field counts.
    #[must_use]
    pub fn with_volatile<T: AsRef<str>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.volatile = names
            .into_iter()
            .filter(|name| can_be_listed(name.as_ref()))
            .map(|name| name.as_ref().into())
            .collect();
        self
    }

    /// Says whether it begins or ends its entity.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Keeps the content id that its first sender gave it.
    #[must_use]
    pub fn with_content_id(mut self, content_id: ContentId) -> Self {
        self.content_id = Some(content_id);
        self
    }

    /// The content id that its first sender gave it.
    pub fn content_id(&self) -> Option<ContentId> {
        self.content_id
    }

    /// The text as it came in.
    pub fn data(&self) -> &RawJson {
        &self.data
    }
}

impl fmt::Debug for RawPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.data, f)
    }
}

impl Payload for RawPayload {
    fn to_canonical(&self) -> Result<Canonical, EncodeError> {
        json::canonicalize(self.data.as_str()).map_err(EncodeError::from)
    }

    fn volatile(&self) -> Volatile<'_> {
        Volatile::Owned(&self.volatile)
    }

    fn role(&self) -> Role {
        self.role
    }

    fn project(&self, _target: TypeId) -> Option<&dyn Any> {
        None
    }

    fn fields(&self, visit: &mut dyn FnMut(&str, &dyn fmt::Debug)) {
        let members: Result<std::collections::BTreeMap<String, &RawValue>, _> =
            serde_json::from_str(self.data.as_str());
        for (name, value) in members.iter().flatten() {
            visit(name, &format_args!("{}", value.get()));
        }
    }

    fn as_raw(&self) -> Option<&RawPayload> {
        Some(self)
    }
}
