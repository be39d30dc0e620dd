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
        let end = debug
            .find(|character: char| !(character.is_alphanumeric() || character == '_'))
            .unwrap_or(debug.len());
        let (head, rest) = debug.split_at(end);
        let mut fields = Vec::new();
        event.fields(&mut |name, value| {
            fields.push((name, format!("{value:?}"), volatile.contains(name)));
        });
        let shape = match rest.trim_start().chars().next() {
            Some('{') => Shape::Braced,
            Some('(') => Shape::Tuple,
            _ => Shape::Unit,
        };
        let is_derived = !head.is_empty() && rest == derived(shape, &fields);
        if !is_derived {
            fields.clear();
        }
        Self { type_name: short_name::<E>(), head: head.to_owned(), shape, fields, is_derived }
    }
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
