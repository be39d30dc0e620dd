//! An event as its own type shows it: name, shape, fields.
//!
//! Read off the Debug text, and believed only where that is what `derive(Debug)` writes: a
//! corrected expectation must compile.

use std::any::type_name;

use tidings_core::Event;
use tidings_core::event::Volatile;

/// What can be said of an event of a known Rust type.
#[derive(Debug)]
pub(crate) struct Description {
    /// The type without its modules and parameters.
    pub(crate) type_name: &'static str,
    /// The variant, or the struct.
    pub(crate) head: String,
    pub(crate) shape: Shape,
    /// Names, Debug texts and whether they are volatile; none if the Debug text is not a
    /// derived one.
    pub(crate) fields: Vec<(&'static str, String, bool)>,
    /// Whether the Debug text is a derived one.
    pub(crate) is_derived: bool,
    /// Whether it is the derived one of a variant around another event, whose fields it shows.
    pub(crate) is_around: bool,
}

/// What follows the name in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Unit,
    Tuple,
    Braced,
}

impl Description {
    pub(crate) fn of<E: Event>(event: &E, volatile: Volatile<'_>) -> Self {
        let debug = format!("{event:?}");
        let (head, rest) = name_and_rest(&debug);
        let mut fields = Vec::new();
        event.fields(&mut |name, value| {
            fields.push((name, format!("{value:?}"), volatile.contains(name)));
        });
        let shape = Shape::of(rest);
        let is_derived = !head.is_empty() && rest == derived(shape, &fields);
        let is_around = !is_derived && !head.is_empty() && is_around(rest, &fields);
        if !is_derived {
            fields.clear();
        }
        let head = head.to_owned();
        Self { type_name: short_name::<E>(), head, shape, fields, is_derived, is_around }
    }
}

impl Shape {
    fn of(rest: &str) -> Self {
        match rest.trim_start().chars().next() {
            Some('{') => Self::Braced,
            Some('(') => Self::Tuple,
            _ => Self::Unit,
        }
    }
}

fn name_and_rest(debug: &str) -> (&str, &str) {
    let end = debug
        .find(|character: char| !(character.is_alphanumeric() || character == '_'))
        .unwrap_or(debug.len());
    debug.split_at(end)
}

/// Whether this is `(Inner …)`, and `fields` are those of the inner event.
fn is_around(rest: &str, fields: &[(&'static str, String, bool)]) -> bool {
    let inner = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let Some((head, rest)) = inner.map(name_and_rest) else { return false };
    let is_name = head.starts_with(|first: char| first.is_alphabetic() || first == '_');
    is_name && (rest == derived(Shape::of(rest), fields) || is_around(rest, fields))
}

/// What `derive(Debug)` writes after the name.
fn derived(shape: Shape, fields: &[(&'static str, String, bool)]) -> String {
    let named = fields.iter().map(|(name, value, _)| format!("{name}: {value}"));
    let bare = fields.iter().map(|(_, value, _)| value.clone());
    match shape {
        Shape::Unit => String::new(),
        Shape::Tuple => format!("({})", bare.collect::<Vec<_>>().join(", ")),
        Shape::Braced => format!(" {{ {} }}", named.collect::<Vec<_>>().join(", ")),
    }
}

/// The name of a type without modules and parameters.
pub(crate) fn short_name<T>() -> &'static str {
    let name = type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}
