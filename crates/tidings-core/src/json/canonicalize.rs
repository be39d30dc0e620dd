//! The canonical copy of a JSON text whose types nobody knows.
//!
//! White space goes, keys are sorted, strings get their one spelling. Number tokens
//! stay as they are: `1.0` and `1` are different texts, and a reader of an unknown
//! type cannot know whether its writer meant them to be one.

use crate::json::canonical::Canonical;
use crate::json::error::{CanonicalizeError, EncodeFault, TextFault};
use crate::json::string::{plain_len, push_char};
use crate::json::writer::Writer;

/// Returns the canonical copy of a JSON text.
///
/// Number tokens are kept exactly as written. What is equal after unescaping is one
/// key, and one key twice in an object is refused.
///
/// # Errors
///
/// Says line, column and what is wrong: no JSON, a duplicate key, a lone surrogate,
/// more than [`DEPTH_MAX`](crate::json::DEPTH_MAX) levels, or anything behind the value.
///
/// # Examples
///
/// ```
/// use tidings_core::json::canonicalize;
///
/// assert_eq!(canonicalize(r#" { "n" : 1.50, "a" : "\/" } "#)?.as_str(), r#"{"a":"/","n":1.50}"#);
///
/// let error = canonicalize(r#"{"a":1,"\u0061":2}"#).unwrap_err();
/// assert_eq!(error.to_string(), "line 1 column 18: duplicate key `a` in the object that ends here");
/// # Ok::<(), tidings_core::json::CanonicalizeError>(())
/// ```
pub fn canonicalize(text: &str) -> Result<Canonical, CanonicalizeError> {
    let mut writer = Writer::new();
    writer.out.reserve(text.len());
    Reader::new(text).document(&mut writer)?;
    Ok(Canonical::new(writer.out, writer.members))
}

/// Reads one JSON text, and writes it as it goes.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Result<T, E = CanonicalizeError> = std::result::Result<T, E>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Copies the whole text.
    pub(super) fn document(&mut self, writer: &mut Writer) -> Result<()> {
        self.value(writer)?;
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault(TextFault::Trailing)),
        }
    }

    fn value(&mut self, writer: &mut Writer) -> Result<()> {
        match self.peek() {
            Some(b'{') => self.object(writer),
            Some(b'[') => self.array(writer),
            Some(b'"') => self.string(writer).map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(writer),
            Some(b't') => self.literal(writer, "true"),
            Some(b'f') => self.literal(writer, "false"),
            Some(b'n') => self.literal(writer, "null"),
            _ => Err(self.fault(TextFault::Expected("a value"))),
        }
    }

    fn object(&mut self, writer: &mut Writer) -> Result<()> {
        let mut frame = writer.begin_object().map_err(|fault| self.writer_fault(fault))?;
        self.at += 1;
        if self.peek() != Some(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.fault(TextFault::Expected("a key in quotes")));
                }
                let start = writer.begin_key(&frame);
                let escaped = self.string(writer)?;
                writer.end_key(&mut frame, start, escaped);
                if self.peek() != Some(b':') {
                    return Err(self.fault(TextFault::Expected("`:`")));
                }
                self.at += 1;
                self.value(writer)?;
                writer.end_member();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    _ => return Err(self.fault(TextFault::Expected("`,` or `}`"))),
                }
            }
        }
        writer.end_object(&frame).map_err(|fault| self.writer_fault(fault))?;
        self.at += 1;
        Ok(())
    }

    fn array(&mut self, writer: &mut Writer) -> Result<()> {
        writer.begin_array().map_err(|fault| self.writer_fault(fault))?;
        self.at += 1;
        if self.peek() != Some(b']') {
            for index in 0.. {
                writer.begin_element(index);
                self.value(writer)?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    _ => return Err(self.fault(TextFault::Expected("`,` or `]`"))),
                }
            }
        }
        writer.end_array();
        self.at += 1;
        Ok(())
    }

    /// Copies a string, and returns whether its canonical form has escapes.
    fn string(&mut self, writer: &mut Writer) -> Result<bool> {
        let mut escaped = false;
        self.at += 1;
        writer.out.push('"');
        loop {
            let plain = plain_len(&self.text.as_bytes()[self.at..]);
            writer.out.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => escaped |= push_char(&mut writer.out, self.escape()?),
                Some(_) => return Err(self.fault(TextFault::BareControl)),
                None => return Err(self.fault(TextFault::OpenString)),
            }
        }
        self.at += 1;
        writer.out.push('"');
        Ok(escaped)
    }

    fn escape(&mut self) -> Result<char> {
        let start = self.at;
        self.at += 1;
        let simple = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            _ => return Err(self.fault(TextFault::UnknownEscape)),
        };
        self.at += 1;
        Ok(simple)
    }

    /// Reads `\uXXXX`, or the pair of them that a character beyond U+FFFF needs.
    fn unicode_escape(&mut self, start: usize) -> Result<char> {
        let mut units = [self.code_unit()?, 0];
        let is_high = (0xd800..0xdc00).contains(&units[0]);
        let mut len = 1;
        if is_high && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            self.at += 1;
            units[1] = self.code_unit()?;
            len = 2;
        }
        match (char::decode_utf16(units.into_iter().take(len)).next(), is_high, len) {
            (Some(Ok(character)), ..) => Ok(character),
            _ => Err(CanonicalizeError::new(self.text, start, TextFault::LoneSurrogate)),
        }
    }

    /// Reads `uXXXX`.
    fn code_unit(&mut self) -> Result<u16> {
        let digits = self.text.as_bytes().get(self.at + 1..self.at + 5);
        let unit = digits.and_then(|digits| {
            digits.iter().try_fold(0, |unit: u16, &digit| {
                Some(unit << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?)
            })
        });
        let Some(unit) = unit else {
            return Err(self.fault(TextFault::Expected("four hexadecimal digits after `\\u`")));
        };
        self.at += 5;
        Ok(unit)
    }

    fn number(&mut self, writer: &mut Writer) -> Result<()> {
        let start = self.at;
        self.skip(b"-");
        if !self.skip(b"0") {
            self.digits()?;
        } else if self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.fault(TextFault::Expected("no digit after a leading zero")));
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        writer.out.push_str(&self.text[start..self.at]);
        Ok(())
    }

    fn digits(&mut self) -> Result<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(self.fault(TextFault::Expected("a digit")));
        }
        self.at += count;
        Ok(())
    }

    fn literal(&mut self, writer: &mut Writer, word: &'static str) -> Result<()> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.fault(TextFault::Expected("a value")));
        }
        self.at += word.len();
        writer.out.push_str(word);
        Ok(())
    }

    /// Skips white space, and returns the byte behind it.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, any_of: &[u8]) -> bool {
        let found = self.byte().is_some_and(|byte| any_of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    #[cold]
    fn fault(&self, fault: TextFault) -> CanonicalizeError {
        CanonicalizeError::new(self.text, self.at, fault)
    }

    #[cold]
    fn writer_fault(&self, fault: EncodeFault) -> CanonicalizeError {
        self.fault(match fault {
            EncodeFault::DuplicateKey(key) => TextFault::DuplicateKey(key),
            EncodeFault::TooLong => TextFault::TooLong,
            _ => TextFault::TooDeep,
        })
    }
}
