//! Rules: what a protocol of this crate refuses for good.

use std::fmt;

/// Says which events are refused, by their JSON.
type IsPoison = Box<dyn Fn(&str) -> bool + Send>;

/// What is refused, whatever the faults in line.
#[derive(Default)]
pub struct Rules {
    poisons: Vec<IsPoison>,
    body_bytes_max: Option<usize>,
    remark: String,
}

impl Rules {
    /// Refuses events whose JSON this says yes to, from now on.
    pub fn poison(&mut self, is_poison: impl Fn(&str) -> bool + Send + 'static) {
        self.poisons.push(Box::new(is_poison));
    }

    /// Answers 413 to bodies that are longer, before compression; none for no limit.
    pub fn body_bytes_max(&mut self, bytes: impl Into<Option<usize>>) {
        self.body_bytes_max = bytes.into();
    }

    /// Adds this to the text of each refusal by a rule.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.remark = text.into();
    }

    /// Refuses nothing any more.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether this event is refused.
    pub fn is_poison(&self, json: &str) -> bool {
        self.poisons.iter().any(|is_poison| is_poison(json))
    }

    /// The text of a refusal, with the remark.
    pub fn text_of(&self, refusal: &str) -> String {
        format!("{refusal} {}", self.remark).trim_end().to_owned()
    }

    /// Whether this body is refused.
    pub fn is_too_long(&self, body: &[u8]) -> bool {
        self.body_bytes_max.is_some_and(|max| body.len() > max)
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("poisons", &self.poisons.len())
            .field("body_bytes_max", &self.body_bytes_max)
            .field("remark", &self.remark)
            .finish()
    }
}
