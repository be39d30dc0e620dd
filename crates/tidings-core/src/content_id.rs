//! The content id: a name for what was said, the same in every process and language.
//!
//! It depends on the event type, the entity path and the payload without its
//! `volatile` members, and on nothing else: not on the time, the bus or the machine.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::{Builder, Uuid};

use crate::json::{Canonical, is_plain, push_string};

/// The name of what an event says: `UUIDv8` over type, entity path and payload.
///
/// Equal content has an equal id, in any process and in any language:
/// [how it is made](crate::docs::content_id) is a page of its own, with a script. Fields
/// that are `volatile` do not count, so events that differ in nothing else share an id.
///
/// [`ContentId::of`] names an event before it is emitted, [`Envelope::content_id`] one
/// that was. The text, also in serde, is the hyphenated lower-case form.
///
/// [`Envelope::content_id`]: crate::Envelope::content_id
///
/// # Examples
///
/// ```
/// use tidings_core::{ContentId, json};
///
/// let data = json::canonicalize(r#"{"seconds":1.5,"test_name":"t1"}"#)?;
/// let id = ContentId::compute("quick_test.done", r#"[["case","t1"]]"#, &data, &["seconds"]);
///
/// let slower = json::canonicalize(r#"{"seconds":9.5,"test_name":"t1"}"#)?;
/// let again = ContentId::compute("quick_test.done", r#"[["case","t1"]]"#, &slower, &["seconds"]);
/// assert_eq!(id, again);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// # Ok::<(), json::CanonicalizeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(Uuid);

impl ContentId {
    /// The namespace UUID that every content id is hashed in, as a number.
    pub const NAMESPACE: u128 = 0x29c3_355d_0b0e_5ddc_8545_9e29_523f_3ad0;

    /// Names the content of an event.
    ///
    /// `entity` is the path as canonical JSON, `[["kind","id"],…]`, outermost first.
    /// Outermost members of `data` whose names are in `volatile` are left out; if all
    /// go, `{}` remains, and data that is no object has none to leave out.
    pub fn compute(
        event_type: &str,
        entity: &str,
        data: &Canonical,
        volatile: &[impl AsRef<str>],
    ) -> Self {
        let uuid = uuid_v8_sha256(Uuid::from_u128(Self::NAMESPACE), |hash| {
            hash.update("{\"data\":");
            data.pieces_without(volatile, |piece| hash.update(piece));
            hash.update(",\"entity\":");
            hash.update(entity);
            hash.update(",\"type\":");
            if is_plain(event_type.as_bytes()) {
                for piece in ["\"", event_type, "\"}"] {
                    hash.update(piece);
                }
            } else {
                let mut quoted = String::new();
                push_string(&mut quoted, event_type);
                hash.update(quoted);
                hash.update("}");
            }
        });
        Self(uuid)
    }

    /// Takes the number of a UUID that was made as a content id, here or elsewhere;
    /// nothing is checked.
    pub const fn from_u128(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// The UUID as a number, its first text digit being the highest.
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// Writes the text as `Display` does, but without a formatter: it is part of every
    /// event on every wire.
    ///
    /// # Errors
    ///
    /// That of `out`; a `String` has none.
    #[inline]
    pub fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str(self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

/// The text is not a UUID in hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a content id is a UUID in hyphenated form")]
#[non_exhaustive]
pub struct InvalidContentId;

impl FromStr for ContentId {
    type Err = InvalidContentId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        let uuid = Uuid::try_parse(text).ok().filter(|_| is_hyphenated);
        uuid.map(Self).ok_or(InvalidContentId)
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

impl Serialize for ContentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<'de> Deserialize<'de> for ContentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = ContentId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a content id as text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ContentId, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Makes a `UUIDv8` of the SHA-256 over a namespace and what `write` adds to it (RFC
/// 9562, layout of appendix B.2).
fn uuid_v8_sha256(namespace: Uuid, write: impl FnOnce(&mut Sha256)) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(namespace);
    write(&mut hash);
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_custom_bytes(first).into_uuid()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::canonicalize;

    const NONE: &[&str] = &[];

    fn id(event_type: &str, entity: &str, data: &str, volatile: &[&str]) -> ContentId {
        ContentId::compute(event_type, entity, &canonicalize(data).unwrap(), volatile)
    }

    #[test]
    fn the_vector_of_the_rfc_comes_out() {
        let dns = Uuid::from_u128(0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8);
        let uuid = uuid_v8_sha256(dns, |hash| hash.update("www.example.com"));
        assert_eq!(uuid.to_string(), "5c146b14-3c52-8afd-938a-375d0df1fbf6");
    }

    #[test]
    fn the_hash_is_over_namespace_and_one_canonical_object() {
        let object = r#"{"data":{"a":1},"entity":[["case","t\"1"]],"type":"x.\"y"}"#;
        let namespace = Uuid::from_u128(ContentId::NAMESPACE);
        let expected = uuid_v8_sha256(namespace, |hash| hash.update(object));
        assert_eq!(
            id("x.\"y", r#"[["case","t\"1"]]"#, r#"{ "a": 1 }"#, NONE).as_u128(),
            expected.as_u128()
        );
        assert_eq!(expected.get_version_num(), 8);

        let plain = r#"{"data":null,"entity":[],"type":"x.y"}"#;
        let expected = uuid_v8_sha256(namespace, |hash| hash.update(plain));
        assert_eq!(id("x.y", "[]", "null", NONE).as_u128(), expected.as_u128());
    }

    #[test]
    fn type_entity_and_data_each_make_another_id() {
        let base = id("a.b", r#"[["k","1"]]"#, r#"{"n":1}"#, NONE);
        assert_ne!(base, id("a.c", r#"[["k","1"]]"#, r#"{"n":1}"#, NONE));
        assert_ne!(base, id("a.b", r#"[["k","2"]]"#, r#"{"n":1}"#, NONE));
        assert_ne!(base, id("a.b", r#"[["k","1"]]"#, r#"{"n":"1"}"#, NONE));
        assert_eq!(base, id("a.b", r#"[["k","1"]]"#, "{\"n\" : 1 }", NONE));
    }

    #[test]
    fn volatile_members_do_not_count() {
        let without = |data| id("a.b", "[]", data, &["s", "t"]);
        assert_eq!(
            without(r#"{"a":1,"s":2,"z":3,"t":4}"#),
            id("a.b", "[]", r#"{"a":1,"z":3}"#, NONE)
        );
        assert_eq!(without(r#"{"s":2,"t":4}"#), id("a.b", "[]", "{}", NONE));
        assert_eq!(without(r#"["s"]"#), id("a.b", "[]", r#"["s"]"#, NONE));
        assert_ne!(without(r#"{"a":{"s":1}}"#), without(r#"{"a":{"s":2}}"#));
    }

    #[test]
    fn an_id_is_text_in_serde_and_reads_back() {
        let id = id("a.b", "[]", "null", NONE);
        let text = format!("\"{id}\"");
        assert_eq!(serde_json::to_string(&id).unwrap(), text);
        assert_eq!(serde_json::from_str::<ContentId>(&text).unwrap(), id);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(ContentId::from_u128(id.as_u128()), id);
    }

    #[test]
    fn other_spellings_of_an_id_are_refused() {
        let text = id("a.b", "[]", "null", NONE).to_string();
        for other in [
            text.replace('-', ""),
            format!("{{{text}}}"),
            String::new(),
            text.replace(&text[..1], "g"),
        ] {
            assert_eq!(other.parse::<ContentId>(), Err(InvalidContentId), "{other}");
        }
    }

    proptest! {
        #[test]
        fn the_text_is_that_of_the_uuid(number in any::<u128>()) {
            let (id, uuid) = (ContentId::from_u128(number), Uuid::from_u128(number));
            prop_assert_eq!(id.to_string(), format!("{}", uuid.as_hyphenated()));
        }
    }
}
