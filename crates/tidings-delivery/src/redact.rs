//! Blanking parts of events before they are kept or sent anywhere.
//!
//! What is blanked is gone: out of data, attributes, content id and debugging text. All
//! else of an event stays as it was, byte for byte.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;
use tidings_core::event::Volatile;
use tidings_core::json::{Canonical, EncodeError};
use tidings_core::{Attributes, Context, Envelope, Head, Payload, RawJson, RawPayload, Role};

use crate::secret::REDACTED;

/// [`REDACTED`] as JSON.
const REDACTED_JSON: &str = "\"[redacted]\"";
/// The most keys of a path, far beyond what anybody reads.
const PATH_KEYS_MAX: usize = 64;

/// Paths into an event whose values are replaced by [`REDACTED`].
///
/// A path begins with `data` or `attributes` and names a key, or an index of a list, after
/// each dot: `data.password`, `attributes.apiKey`. `*` stands for any key or index:
/// `data.users.*.token`. What lies below a path goes with it. A key that has a dot in it
/// cannot be named; blank what is around it.
///
/// The content id of a redacted event is that of what is left. It has to be: the hash of a
/// short secret can be guessed, so the id of the whole event would give it away. Events that
/// differed only in what is blanked thus have one content id, and still two event ids.
///
/// ```
/// use std::sync::Arc;
///
/// use tidings_core::wire::read_event;
/// use tidings_delivery::Redaction;
///
/// let login = Arc::new(read_event(
///     r#"{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.0",
///     "source":"/r/n","type":"user.added","time":"2026-01-01T00:00:00Z","runid":"r","node":"n",
///     "entity":"[[\"case\",\"t1\"]]","data":{"name":"eve","password":"hunter2"}}"#,
/// )?.envelope);
/// let redaction = Redaction::parse(["data.password"])?;
/// let blanked = redaction.apply(&login);
/// assert_eq!(blanked.data().ok(), Some(r#"{"name":"eve","password":"[redacted]"}"#));
/// assert_eq!(blanked.id(), login.id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    data: Vec<Vec<Step>>,
    attributes: Vec<Vec<Step>>,
}

/// One key of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Any,
    Key(Box<str>),
}

/// A path that cannot be redacted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` cannot be redacted: {reason}", path.escape_debug())]
pub struct InvalidRedaction {
    path: String,
    reason: &'static str,
}

impl Redaction {
    /// Reads a list of paths.
    ///
    /// # Errors
    ///
    /// [`InvalidRedaction`] for the first one that does not begin with `data` or
    /// `attributes`, has nothing between two dots, a `*` inside a key, or too many keys.
    pub fn parse<T: AsRef<str>>(
        paths: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidRedaction> {
        let mut redaction = Self::default();
        for path in paths {
            let path = path.as_ref();
            let invalid = |reason| InvalidRedaction { path: path.to_owned(), reason };
            let (root, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
            let steps = rest.map_or(Ok(Vec::new()), |rest| rest.split('.').map(step).collect());
            let steps: Vec<_> = steps.map_err(invalid)?;
            if steps.len() > PATH_KEYS_MAX {
                return Err(invalid("it has more than 64 keys"));
            }
            match root {
                "data" => redaction.data.push(steps),
                "attributes" => redaction.attributes.push(steps),
                _ => return Err(invalid("a path begins with `data.` or `attributes.`")),
            }
        }
        Ok(redaction)
    }

    /// Whether there is nothing to blank.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty() && self.attributes.is_empty()
    }

    /// The event with all paths blanked; the same one where there is nothing to blank.
    ///
    /// A payload without a JSON form has no paths. Its debugging text is what dead letters
    /// show of it, and all of that is blanked, whatever the paths are.
    #[must_use]
    pub fn apply(&self, envelope: &Arc<Envelope>) -> Arc<Envelope> {
        if self.is_empty() {
            return Arc::clone(envelope);
        }
        let attributes = self.attributes_of(envelope.attributes());
        let Ok(text) = envelope.data() else {
            let head = head_of(envelope, attributes);
            return Arc::new(Envelope::new(head, Hidden(Arc::clone(envelope))));
        };
        let data = self.data_of(text);
        if data.is_none() && attributes.is_none() {
            return Arc::clone(envelope);
        }
        let payload = raw_payload(envelope, data.as_deref());
        Arc::new(Envelope::new(head_of(envelope, attributes), payload))
    }

    /// The data with its paths blanked; none when there are none of them in it.
    fn data_of(&self, text: &str) -> Option<String> {
        let paths: Vec<&[Step]> = self.data.iter().map(Vec::as_slice).collect();
        let mut places = Vec::new();
        if !paths.is_empty() {
            // The text of an envelope is JSON.
            let value: &RawValue = serde_json::from_str(text).ok()?;
            find(value, &paths, text.as_ptr().addr(), &mut places);
        }
        if places.is_empty() {
            return None;
        }
        let mut blanked = String::with_capacity(text.len());
        let mut kept_to = 0;
        for place in places {
            blanked.push_str(&text[kept_to..place.start]);
            blanked.push_str(REDACTED_JSON);
            kept_to = place.end;
        }
        blanked.push_str(&text[kept_to..]);
        Some(blanked)
    }

    fn attributes_of(&self, attributes: &Attributes) -> Option<Attributes> {
        let mut blanked: Option<Attributes> = None;
        for (name, value) in attributes.iter() {
            let mut changed = value.clone();
            for path in &self.attributes {
                blank_attribute(&mut changed, name, path);
            }
            if changed != *value {
                blanked.get_or_insert_with(|| attributes.clone()).set(name, changed);
            }
        }
        blanked
    }
}

fn step(text: &str) -> Result<Step, &'static str> {
    match text {
        "" => Err("a key is empty: there is nothing before, between or after its dots"),
        "*" => Ok(Step::Any),
        _ if text.contains('*') => Err("`*` stands for a whole key (`data.*`, not `data.a*`)"),
        _ => Ok(Step::Key(text.into())),
    }
}

impl Step {
    fn is(&self, key: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Key(own) => **own == *key,
        }
    }
}

/// What is left of the paths below a key.
fn below<'p>(paths: &[&'p [Step]], key: &str) -> Vec<&'p [Step]> {
    let split = paths.iter().filter_map(|path| path.split_first());
    split.filter(|(step, _)| step.is(key)).map(|(_, rest)| rest).collect()
}

/// Finds where the values of `paths` stand in a text that begins at the address `origin`,
/// first to last and none inside another.
fn find(value: &RawValue, paths: &[&[Step]], origin: usize, places: &mut Vec<Range<usize>>) {
    let text = value.get();
    if paths.iter().any(|path| path.is_empty()) {
        if text != REDACTED_JSON {
            let start = text.as_ptr().addr() - origin;
            places.push(start..start + text.len());
        }
        return;
    }
    let mut visit = |key: &str, inner: &RawValue| {
        let paths = below(paths, key);
        if !paths.is_empty() {
            find(inner, &paths, origin, places);
        }
    };
    if text.starts_with('{') {
        let members: Members<'_> = serde_json::from_str(text).unwrap_or_default();
        members.0.iter().for_each(|(key, inner)| visit(&key_text(key), inner));
    } else if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        items.iter().enumerate().for_each(|(index, inner)| visit(&index.to_string(), inner));
    }
}

/// A key without its quotes and escapes. One that is no text, for half a surrogate in it,
/// must not keep its neighbours from being found; no path can name it but by `*`.
fn key_text(key: &RawValue) -> Cow<'_, str> {
    let text = key.get().trim_matches('"');
    if text.contains('\\') {
        serde_json::from_str(key.get()).map_or(Cow::Borrowed(text), Cow::Owned)
    } else {
        Cow::Borrowed(text)
    }
}

/// The members of an object as they are written, with those that are there twice.
#[derive(Default)]
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<'a>(PhantomData<&'a ()>);

impl<'de> Visitor<'de> for MembersVisitor<'de> {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

fn blank_attribute(value: &mut Value, name: &str, path: &[Step]) {
    let rest = match path.split_first() {
        None => &[],
        Some((step, rest)) if step.is(name) => rest,
        Some(_) => return,
    };
    match value {
        // An attribute that is nested too deep is kept as its JSON text.
        Value::String(text) if !rest.is_empty() && text.starts_with(['{', '[']) => {
            *value = REDACTED.into();
        }
        _ => blank(value, rest),
    }
}

fn blank(value: &mut Value, path: &[Step]) {
    let Some((step, rest)) = path.split_first() else {
        *value = REDACTED.into();
        return;
    };
    match value {
        Value::Object(map) => {
            let found = map.iter_mut().filter(|(key, _)| step.is(key));
            found.for_each(|(_, inner)| blank(inner, rest));
        }
        Value::Array(list) => {
            let found = list.iter_mut().enumerate().filter(|(at, _)| step.is(&at.to_string()));
            found.for_each(|(_, inner)| blank(inner, rest));
        }
        _ => {}
    }
}

fn head_of(envelope: &Envelope, attributes: Option<Attributes>) -> Head {
    let context = Context::new(
        envelope.run().into(),
        envelope.node().into(),
        envelope.entity().clone(),
        attributes.unwrap_or_else(|| envelope.attributes().clone()),
    );
    let (id, event_type) = (envelope.id(), envelope.event_type().clone());
    let head = Head::new(id, event_type, Arc::new(context), envelope.time(), envelope.elapsed());
    head.with_cause(envelope.caused_by())
}

/// The payload with other data; without, only the attributes change, and the id is that of
/// before.
fn raw_payload(envelope: &Envelope, data: Option<&str>) -> RawPayload {
    let text = data.or(envelope.data().ok()).unwrap_or("null");
    let json = RawJson::parse(text).expect("a value in JSON was replaced by another");
    let payload = RawPayload::new(json)
        .with_volatile(envelope.payload().volatile().iter())
        .with_role(envelope.role());
    match (data, envelope.content_id()) {
        (None, Ok(content_id)) => payload.with_content_id(content_id),
        _ => payload,
    }
}

/// A payload that has no JSON form, and is not to be shown either.
struct Hidden(Arc<Envelope>);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Payload for Hidden {
    fn to_canonical(&self) -> Result<Canonical, EncodeError> {
        self.0.payload().to_canonical()
    }

    fn volatile(&self) -> Volatile<'_> {
        self.0.payload().volatile()
    }

    fn role(&self) -> Role {
        self.0.role()
    }

    fn project(&self, _target: TypeId) -> Option<&dyn Any> {
        None
    }

    fn fields(&self, _visit: &mut dyn FnMut(&str, &dyn fmt::Debug)) {}
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;
    use tidings_core::{BusId, ContentId, Entity, EventId, EventType, Lane, Timestamp};

    use super::*;

    const SECRET: &str = "s3cr3t";

    fn envelope(payload: impl Payload, attributes: Attributes) -> Arc<Envelope> {
        let context =
            Context::new("run-7".into(), "lab-3".into(), Entity::new("case", "t1"), attributes);
        let id = |sequence| EventId::new(BusId::from_u128(7), Lane::new(2), sequence);
        let head = Head::new(
            id(41),
            EventType::from_static("quick_test.started"),
            Arc::new(context),
            "2026-11-21T08:30:02.5Z".parse::<Timestamp>().unwrap(),
            Duration::from_millis(5),
        );
        Arc::new(Envelope::new(head.with_cause(Some(id(40))), payload))
    }

    fn raw(json: &str) -> RawPayload {
        let data = RawJson::parse(json).unwrap();
        RawPayload::new(data).with_volatile(["seconds"]).with_role(Role::Begin)
    }

    fn redacted(paths: &[&str], json: &str) -> String {
        let envelope = envelope(raw(json), Attributes::new());
        let blanked = Redaction::parse(paths).unwrap().apply(&envelope);
        blanked.data().unwrap().to_owned()
    }

    #[test]
    fn only_values_at_a_path_are_replaced_and_all_else_keeps_its_bytes() {
        let json = r#"{ "a":1.50, "users":[{"token":"x"},{"n":1e2, "token":{"k":[1]}}], "z":"t" }"#;
        assert_eq!(
            redacted(&["data.users.*.token", "data.none", "data.a.b"], json),
            r#"{ "a":1.50, "users":[{"token":"[redacted]"},{"n":1e2, "token":"[redacted]"}], "z":"t" }"#
        );
        assert_eq!(
            redacted(&["data.users.1"], r#"{"users":[1,2]}"#),
            r#"{"users":[1,"[redacted]"]}"#
        );
        assert_eq!(redacted(&["data.a", "data.a.b"], r#"{"a":{"b":1}}"#), r#"{"a":"[redacted]"}"#);
        assert_eq!(redacted(&["data"], r#"{"a":1}"#), r#""[redacted]""#);
    }

    #[test]
    fn neither_escapes_nor_repeated_nor_broken_keys_hide_a_value() {
        assert_eq!(
            redacted(&["data.key"], r#"{"\ud800":1,"k\u0065y":1,"key":2}"#),
            r#"{"\ud800":1,"k\u0065y":"[redacted]","key":"[redacted]"}"#
        );
    }

    #[test]
    fn nothing_to_blank_means_the_same_envelope() {
        let event = envelope(raw(r#"{"a":"[redacted]"}"#), Attributes::new().with("b", 1));
        for paths in [&[][..], &["data.b"], &["attributes.a"], &["data.a"]] {
            let redaction = Redaction::parse(paths).unwrap();
            assert!(Arc::ptr_eq(&redaction.apply(&event), &event), "{paths:?}");
        }
    }

    #[test]
    fn the_content_id_is_that_of_what_is_left() {
        let [one, other] = ["1234", "9876"].map(|pin| {
            let event =
                envelope(raw(&json!({ "n": 1, "pin": pin }).to_string()), Attributes::new());
            Redaction::parse(["data.pin"]).unwrap().apply(&event)
        });
        assert_eq!(one.content_id(), other.content_id());
        let left = envelope(raw(r#"{"n":1,"pin":"[redacted]"}"#), Attributes::new());
        assert_eq!(one.content_id(), left.content_id());
    }

    #[test]
    fn attributes_are_blanked_and_are_no_part_of_the_content_id() {
        let deep = (0..40).fold(json!({ "key": SECRET }), |inner, _| json!({ "a": inner }));
        let attributes = Attributes::new()
            .with("apiKey", SECRET)
            .with("nested", json!({ "key": SECRET, "n": 1 }))
            .with("deep", deep)
            .with("n", 1);
        let event = envelope(raw(r#"{"apiKey":"kept"}"#).with_content_id(foreign()), attributes);
        let paths = ["attributes.apiKey", "attributes.nested.key", "attributes.deep.a"];
        let blanked = Redaction::parse(paths).unwrap().apply(&event);
        let expected = Attributes::new()
            .with("apiKey", REDACTED)
            .with("nested", json!({ "key": REDACTED, "n": 1 }))
            .with("deep", REDACTED)
            .with("n", 1);
        assert_eq!(blanked.attributes(), &expected);
        assert_eq!(blanked.data(), event.data());
        assert_eq!(blanked.content_id(), Ok(foreign()));
    }

    fn foreign() -> ContentId {
        "5c146b14-3c52-8afd-938a-375d0df1fbf6".parse().unwrap()
    }

    #[test]
    fn a_payload_without_json_does_not_show_itself_either() {
        #[derive(Debug, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
        #[event(namespace = "quick_test", crate = "tidings_core")]
        enum QuickTest {
            #[event(begin)]
            Started { password: String, rate: f64 },
        }
        let payload = QuickTest::Started { password: SECRET.to_owned(), rate: f64::NAN };
        let event = envelope(payload, Attributes::new());
        assert!(format!("{event:?}").contains(SECRET));
        let blanked = Redaction::parse(["data.password"]).unwrap().apply(&event);
        assert!(!format!("{blanked:?}").contains(SECRET), "{blanked:?}");
        assert_eq!(blanked.data(), event.data());
        assert_eq!(blanked.role(), Role::Begin);
    }

    #[test]
    fn a_path_that_names_nothing_is_refused() {
        let faults = ["password", "data..a", "data.", "data.a*", ""]
            .map(|path| Redaction::parse([path]).expect_err("no path").to_string());
        expect_test::expect![[r"
            `password` cannot be redacted: a path begins with `data.` or `attributes.`
            `data..a` cannot be redacted: a key is empty: there is nothing before, between or after its dots
            `data.` cannot be redacted: a key is empty: there is nothing before, between or after its dots
            `data.a*` cannot be redacted: `*` stands for a whole key (`data.*`, not `data.a*`)
            `` cannot be redacted: a path begins with `data.` or `attributes.`"]]
        .assert_eq(&faults.join("\n"));
        let long = format!("data{}", ".a".repeat(PATH_KEYS_MAX + 1));
        assert!(Redaction::parse([&long]).is_err());
        assert!(Redaction::parse([&long[..long.len() - 2]]).is_ok());
    }

    /// Any JSON with few keys, so that paths often hit.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<i64>().prop_map(Value::from), ".*".prop_map(Value::from)];
        leaf.prop_recursive(4, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// What redacting comes to, said with values instead of texts.
    fn model(value: &Value, path: &[&str]) -> Value {
        let Some((key, rest)) = path.split_first() else { return REDACTED.into() };
        let inner = |name: String, inner: &Value| {
            if *key == "*" || *key == name { model(inner, rest) } else { inner.clone() }
        };
        match value {
            Value::Object(map) => {
                let members = map.iter().map(|(name, it)| (name.clone(), inner(name.clone(), it)));
                Value::Object(members.collect())
            }
            Value::Array(list) => {
                list.iter().enumerate().map(|(at, it)| inner(at.to_string(), it)).collect()
            }
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn redacting_replaces_what_a_path_names_and_changes_nothing_else(
            json in any_json(),
            path in prop::collection::vec("[abc01*]", 0..4),
        ) {
            let event = envelope(raw(&json.to_string()), Attributes::new().with("n", 1));
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            let text = [&["data"][..], &names].concat().join(".");
            let blanked = Redaction::parse([text]).unwrap().apply(&event);
            let data: Value = serde_json::from_str(blanked.data().unwrap()).unwrap();
            prop_assert_eq!(&data, &model(&json, &names));
            let head = |event: &Envelope| format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {} {} {:?} {:?} {:?}",
                event.id(), event.event_type(), event.entity(), event.time(), event.elapsed(),
                event.caused_by(), event.run(), event.node(), event.attributes(), event.role(),
                event.payload().volatile().iter().collect::<Vec<_>>(),
            );
            prop_assert_eq!(head(&blanked), head(&event));
            let again = envelope(raw(&data.to_string()), Attributes::new());
            prop_assert_eq!(blanked.content_id(), again.content_id());
        }

        #[test]
        fn a_value_under_a_path_is_nowhere_in_the_output(
            json in any_json(),
            path in prop::collection::vec("[abc]", 1..4),
        ) {
            let planted = path.iter().rev().fold(json!(SECRET), |inner, key| json!({ key: inner }));
            let mut data = json!({ "other": json });
            data.as_object_mut().unwrap().extend(planted.as_object().unwrap().clone());
            let event = envelope(raw(&data.to_string()), Attributes::new());
            let redaction = Redaction::parse([format!("data.{}", path.join("."))]).unwrap();
            let mut line = String::new();
            tidings_core::wire::write_event(&*redaction.apply(&event), None, &mut line).unwrap();
            prop_assert!(!line.contains(SECRET), "{}", line);
        }
    }
}
