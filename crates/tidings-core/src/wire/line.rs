//! The members of one line, as text, nothing of them understood yet.
//!
//! Lines that Tidings wrote are cut at their quotes. Whatever looks different in any way is
//! left to `serde_json`: it decides what is JSON, and says what is wrong with what is not.
//! So what is cut here is exactly what it would have read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::plain_len;

/// A member's text: as it stands between its quotes, or what that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Text<'a> {
    /// What it means.
    pub(super) fn meant(self) -> Cow<'a, str> {
        if self.escaped { unescaped(self.raw).into() } else { self.raw.into() }
    }

    /// Equal keys, equal meaning.
    pub(super) fn key(self) -> (&'a str, bool) {
        (self.raw, self.escaped)
    }
}

/// The members of an event that are read.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub(super) specversion: &'a str,
    pub(super) id: &'a str,
    pub(super) event_type: &'a str,
    pub(super) time: &'a str,
    pub(super) run: &'a str,
    pub(super) node: &'a str,
    pub(super) entity: Text<'a>,
    pub(super) data: Option<&'a RawValue>,
    pub(super) lane: Option<u32>,
    pub(super) bus: Option<&'a str>,
    pub(super) sequence: Option<&'a str>,
    pub(super) position: Option<&'a str>,
    pub(super) elapsed: Option<&'a str>,
    pub(super) content_id: Option<&'a str>,
    pub(super) volatile: Option<&'a str>,
    pub(super) role: Option<&'a str>,
    pub(super) caused_by: Option<&'a str>,
    pub(super) attributes: Option<Text<'a>>,
}

/// The same, by `serde_json`.
#[derive(Deserialize)]
pub(super) struct Members<'a> {
    #[serde(borrow)]
    specversion: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    runid: Cow<'a, str>,
    #[serde(borrow)]
    node: Cow<'a, str>,
    #[serde(borrow)]
    entity: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    lane: Option<u32>,
    #[serde(borrow)]
    busid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sequence: Option<Cow<'a, str>>,
    #[serde(borrow)]
    position: Option<Cow<'a, str>>,
    #[serde(borrow)]
    elapsedns: Option<Cow<'a, str>>,
    #[serde(borrow)]
    contentid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    volatile: Option<Cow<'a, str>>,
    #[serde(borrow)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow)]
    causedby: Option<Cow<'a, str>>,
    #[serde(borrow)]
    attributes: Option<Cow<'a, str>>,
}

impl Members<'_> {
    pub(super) fn line(&self) -> Line<'_> {
        let text = |raw| Text { raw, escaped: false };
        Line {
            specversion: &self.specversion,
            id: &self.id,
            event_type: &self.event_type,
            time: &self.time,
            run: &self.runid,
            node: &self.node,
            entity: text(&self.entity),
            data: self.data,
            lane: self.lane,
            bus: self.busid.as_deref(),
            sequence: self.sequence.as_deref(),
            position: self.position.as_deref(),
            elapsed: self.elapsedns.as_deref(),
            content_id: self.contentid.as_deref(),
            volatile: self.volatile.as_deref(),
            role: self.role.as_deref(),
            caused_by: self.causedby.as_deref(),
            attributes: self.attributes.as_deref().map(text),
        }
    }
}

/// The members that Tidings writes.
#[derive(Clone, Copy)]
enum Member {
    SpecVersion,
    Id,
    Source,
    Type,
    Time,
    Subject,
    DataContentType,
    ContentId,
    BusId,
    Lane,
    Sequence,
    Position,
    Run,
    Node,
    Elapsed,
    Entity,
    Volatile,
    Role,
    CausedBy,
    Attributes,
    Data,
}

impl Member {
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Their names, in the order in which Tidings writes them.
const NAMES: [(&str, Member); 21] = [
    ("\"specversion\":", Member::SpecVersion),
    ("\"id\":", Member::Id),
    ("\"source\":", Member::Source),
    ("\"type\":", Member::Type),
    ("\"time\":", Member::Time),
    ("\"subject\":", Member::Subject),
    ("\"datacontenttype\":", Member::DataContentType),
    ("\"contentid\":", Member::ContentId),
    ("\"busid\":", Member::BusId),
    ("\"lane\":", Member::Lane),
    ("\"sequence\":", Member::Sequence),
    ("\"position\":", Member::Position),
    ("\"runid\":", Member::Run),
    ("\"node\":", Member::Node),
    ("\"elapsedns\":", Member::Elapsed),
    ("\"entity\":", Member::Entity),
    ("\"volatile\":", Member::Volatile),
    ("\"role\":", Member::Role),
    ("\"causedby\":", Member::CausedBy),
    ("\"attributes\":", Member::Attributes),
    ("\"data\":", Member::Data),
];

/// The bits of those that have to be there.
const NEEDED: u32 = Member::SpecVersion.bit()
    | Member::Id.bit()
    | Member::Type.bit()
    | Member::Time.bit()
    | Member::Run.bit()
    | Member::Node.bit()
    | Member::Entity.bit();

impl<'a> Line<'a> {
    /// Cuts a line; none if it is not as Tidings writes it.
    pub(super) fn cut(text: &'a str) -> Option<Self> {
        let mut knife = Knife { text, at: 0 };
        let mut line = Self::default();
        let (mut seen, mut next) = (0, 0);
        knife.expect(b'{')?;
        loop {
            let place = knife.name(next)?;
            match NAMES.get(place) {
                Some((_, member)) => {
                    // Once more is a fault.
                    if seen & member.bit() != 0 {
                        return None;
                    }
                    seen |= member.bit();
                    next = place + 1;
                    line.take(*member, &mut knife)?;
                }
                None => knife.any()?,
            }
            match knife.byte()? {
                b',' => knife.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        (knife.at + 1 == text.len() && seen & NEEDED == NEEDED).then_some(line)
    }

    /// Takes the value of a member; none if it is not plain.
    #[inline]
    fn take(&mut self, member: Member, knife: &mut Knife<'a>) -> Option<()> {
        match member {
            Member::SpecVersion => self.specversion = knife.plain_string()?,
            Member::Id => self.id = knife.plain_string()?,
            Member::Type => self.event_type = knife.plain_string()?,
            Member::Time => self.time = knife.plain_string()?,
            Member::ContentId => self.content_id = Some(knife.plain_string()?),
            Member::BusId => self.bus = Some(knife.plain_string()?),
            Member::Lane => self.lane = Some(knife.number()?),
            Member::Sequence => self.sequence = Some(knife.plain_string()?),
            Member::Position => self.position = Some(knife.plain_string()?),
            Member::Run => self.run = knife.plain_string()?,
            Member::Node => self.node = knife.plain_string()?,
            Member::Elapsed => self.elapsed = Some(knife.plain_string()?),
            Member::Entity => self.entity = knife.string()?,
            Member::Volatile => self.volatile = Some(knife.plain_string()?),
            Member::Role => self.role = Some(knife.plain_string()?),
            Member::CausedBy => self.caused_by = Some(knife.plain_string()?),
            Member::Attributes => self.attributes = Some(knife.string()?),
            Member::Data => self.data = Some(knife.value()?),
            Member::Source | Member::Subject | Member::DataContentType => knife.any()?,
        }
        Some(())
    }
}

/// A place in a text, and what is cut off there.
struct Knife<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Knife<'a> {
    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_there = self.byte()? == byte;
        self.at += 1;
        is_there.then_some(())
    }

    /// A name with its colon, as its place among those that are known; looked for from
    /// `next` on first. A name that is not known is behind the last.
    #[inline]
    fn name(&mut self, next: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        let is_here = |(name, _): &(&str, Member)| rest.starts_with(name.as_bytes());
        let behind = NAMES[next..].iter().position(is_here).map(|ahead| next + ahead);
        if let Some(place) = behind.or_else(|| NAMES[..next].iter().position(is_here)) {
            self.at += NAMES[place].0.len();
            return Some(place);
        }
        self.plain_string()?;
        self.expect(b':')?;
        Some(NAMES.len())
    }

    /// Any value.
    fn any(&mut self) -> Option<()> {
        if self.byte()? == b'"' { self.string().map(drop) } else { self.value().map(drop) }
    }

    /// A string in which nothing is escaped, without its quotes.
    #[inline]
    fn plain_string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        self.at += plain_len(self.text.as_bytes().get(start..)?);
        let content = &self.text[start..self.at];
        self.expect(b'"')?;
        Some(content)
    }

    /// A string with escapes of two characters, without its quotes.
    fn string(&mut self) -> Option<Text<'a>> {
        self.expect(b'"')?;
        let (start, mut escaped) = (self.at, false);
        loop {
            self.at += plain_len(self.text.as_bytes().get(self.at..)?);
            match self.byte()? {
                b'"' => break,
                b'\\' => {
                    meaning(*self.text.as_bytes().get(self.at + 1)?)?;
                    self.at += 2;
                    escaped = true;
                }
                _ => return None,
            }
        }
        let raw = &self.text[start..self.at];
        self.at += 1;
        Some(Text { raw, escaped })
    }

    /// Any JSON that begins here.
    fn value(&mut self) -> Option<&'a RawValue> {
        let rest = self.text.get(self.at..)?;
        // White space would be read over, and would count.
        if rest.starts_with([' ', '\t', '\n', '\r']) {
            return None;
        }
        let value = <&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(rest)).ok()?;
        self.at += value.get().len();
        Some(value)
    }

    /// A whole number.
    fn number(&mut self) -> Option<u32> {
        let digits = self.text.as_bytes().get(self.at..)?;
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = &self.text[self.at..self.at + count];
        self.at += count;
        (count == 1 || !digits.starts_with('0')).then(|| digits.parse().ok())?
    }
}

/// What the character behind a backslash stands for, but for `u`.
fn meaning(escape: u8) -> Option<char> {
    match escape {
        b'"' | b'\\' | b'/' => Some(char::from(escape)),
        b'b' => Some('\u{8}'),
        b'f' => Some('\u{c}'),
        b'n' => Some('\n'),
        b'r' => Some('\r'),
        b't' => Some('\t'),
        _ => None,
    }
}

/// Undoes escapes that [`Knife::string`] has looked at.
fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, behind)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut behind_escape = behind.chars();
        let escape = behind_escape.next().and_then(|escape| u8::try_from(escape).ok());
        text.extend(escape.and_then(meaning));
        rest = behind_escape.as_str();
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Asserts that what is cut is what `serde_json` reads.
    fn check(text: &str) -> bool {
        let Some(cut) = Line::cut(text) else { return false };
        let members: Members<'_> = serde_json::from_str(text).expect("what is cut is JSON");
        let read = members.line();
        assert_eq!(fields(&cut), fields(&read), "{text}");
        assert_eq!(cut.data.map_or("null", RawValue::get), {
            read.data.map_or("null", RawValue::get)
        });
        true
    }

    fn fields<'a>(line: &Line<'a>) -> Vec<Option<Cow<'a, str>>> {
        let needed = [line.specversion, line.id, line.event_type, line.time, line.run, line.node];
        let optional = [
            line.bus,
            line.sequence,
            line.position,
            line.elapsed,
            line.content_id,
            line.volatile,
            line.role,
            line.caused_by,
        ];
        let texts = [Some(line.entity), line.attributes];
        let number = line.lane.map(|number| Cow::from(number.to_string()));
        let plain = needed.map(Some).into_iter().chain(optional).map(|text| text.map(Cow::from));
        plain.chain(texts.map(|text| text.map(Text::meant))).chain([number]).collect()
    }

    const WHOLE: &str = concat!(
        r#"{"specversion":"1.0","id":"i","type":"a.b","time":"t","runid":"r","node":"ü","#,
        r#""entity":"[[\"a\",\"b\\n\"]]","lane":7,"attributes":"{\"a\":\"\\\"\"}","#,
        r#""other":"\n","more":[1,{"a":null}],"data":{"a": [1]}}"#,
    );

    #[test]
    fn a_line_is_cut_as_it_is_read() {
        assert!(check(WHOLE));
        for (from, to) in [
            ("\"lane\":7", "\"lane\":0"),
            ("{\"a\": [1]}", "null"),
            ("{\"a\": [1]}", "-1.5e3"),
            ("\"i\"", "\"\""),
        ] {
            assert!(check(&WHOLE.replace(from, to)), "{to}");
        }
    }

    #[test]
    fn what_looks_different_is_not_cut() {
        for (from, to) in [
            ("\"lane\":7", "\"lane\":07"),
            ("\"lane\":7", "\"lane\":7.0"),
            ("\"lane\":7", "\"lane\":4294967296"),
            ("\"lane\":7", "\"lane\":null"),
            ("\"lane\":7", "\"lane\":"),
            ("\"lane\":7", "\"lane\": 7"),
            ("\"id\":\"i\",", ""),
            ("\"id\":\"i\"", "\"id\":\"i\",\"id\":\"i\""),
            ("\"lane\":7", "\"lane\":7,\"lane\":7"),
            ("\"id\"", "\"\\u0069d\""),
            ("\"i\"", "\"\\n\""),
            ("\"i\"", "\"\n\""),
            ("\"\\n\"", "\"\\x\""),
            ("\"\\n\"", "\"\\u0041\""),
            ("\"\\n\"", "\"\u{1}\""),
            ("[1]}}", "[1]}"),
            ("[1]}}", "[1]}} "),
            ("[1]}}", "[1]},}"),
            ("{\"a\": [1]}", " {}"),
            ("{\"a\": [1]}", "{\"a\": [1}"),
            ("{\"spec", "[\"spec"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            assert!(Line::cut(&WHOLE.replacen(from, to, 1)).is_none(), "{to}");
        }
        assert!(Line::cut("").is_none());
        assert!(Line::cut("{}").is_none());
    }

    proptest! {
        #[test]
        fn a_changed_line_is_cut_as_it_is_read_or_not_at_all(
            at in 0..WHOLE.len(),
            less in 0..4_usize,
            put in "[\\\\\"{}\\[\\],:a0un \u{1}\u{e9}]{0,3}",
        ) {
            let end = (at + less).min(WHOLE.len());
            if let (Some(before), Some(after)) = (WHOLE.get(..at), WHOLE.get(end..)) {
                check(&format!("{before}{put}{after}"));
            }
        }
    }
}
