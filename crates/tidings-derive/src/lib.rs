//! `derive(Event)` and `derive(State)` for the Tidings event bus.
//!
//! Take it from the facade crate `tidings`, which brings the traits along. Generated code
//! names everything by whole paths below `::tidings::__private`; another home of the core
//! is named by `#[event(crate = "…")]` or `#[state(crate = "…")]`, as in the examples here.
//!
//! Every fault of an annotated type is reported at once and where it stands. The trait is
//! implemented all the same, so that nothing else complains.

mod event;
mod faults;
mod state;
mod words;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes an enum (one event type per variant) or a struct (one event type) an `Event`.
///
/// It goes on top of `Debug` and plain serde derives:
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tidings_core::{Event, Role};
/// use tidings_derive::Event;
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[event(namespace = "quick_test", crate = "tidings_core")]
/// enum QuickTest {
///     #[event(begin)]
///     Started { test_name: String },
///     #[event(name = "done", end(success))]
///     Completed {
///         #[event(volatile)]
///         seconds: f64,
///     },
/// }
///
/// assert_eq!(QuickTest::COMPLETED, "quick_test.done");
/// assert_eq!(QuickTest::TYPES, [&QuickTest::STARTED, &QuickTest::COMPLETED]);
///
/// let event = QuickTest::Started { test_name: "boot".to_owned() };
/// assert_eq!(event.event_type(), "quick_test.started");
/// assert_eq!(event.role(), Role::Begin);
/// assert_eq!(QuickTest::decode(0, r#"{"test_name":"boot"}"#)?, event);
/// # Ok::<(), tidings_core::DecodeError>(())
/// ```
///
/// # What it gives
///
/// - The trait `Event`, by which the bus routes, encodes and decodes a value. `data` on
///   the wire is the content of the variant without serde's enum tag; type and data
///   together decode into the same value again.
///   A variant may gain its first field or lose its last: `null` is read as an object
///   without members, and members are ignored where there are no fields.
/// - A constant per event type, as visible as the type itself: `QuickTest::STARTED` for the
///   variant `Started`, `TYPE` for a struct. A variant that is all capitals, such as `OK`,
///   hides its constant; the type is still in the list.
/// - The list `QuickTest::TYPES` (of the trait), embedded events included.
///
/// A parameter `T` of the type has to be
/// `Debug + Serialize + DeserializeOwned + Send + Sync + 'static`, and an `Event` where a
/// variant embeds it. Every field has to be `Debug`.
///
/// # Attributes
///
/// | on | `#[event(…)]` | meaning |
/// |---|---|---|
/// | enum, struct | `namespace = "a.b"` | the first segments of every type; default: the enum's name in snake case, nothing for a struct |
/// | enum, struct | `crate = "path"` | where the core is found; default: `::tidings` |
/// | variant, struct | `name = "a"` | the last segments; default: the Rust name in snake case (`HTTPStarted` is `http_started`) |
/// | variant, struct | `begin` | its entity is running from here on |
/// | variant, struct | `end(success)`, `end(failure)`, `end(skipped)`, `end` | its entity is finished |
/// | variant | `transparent` | its only field is an event by itself, which keeps its types, its role and its fields; typed observers of that event hear it |
/// | named field | `volatile` | no part of the content id, of equality in assertions and of snapshots |
///
/// A segment is `[a-z0-9_]+`; a type has at most 200 bytes and does not start with
/// `tidings`, and an event has at most 256 types. Two variants share neither a type nor a
/// constant; embedded types are checked too, by the compiler when the list is made:
///
/// ```compile_fail,E0080
/// # use serde::{Deserialize, Serialize};
/// # use tidings_core::Event;
/// # use tidings_derive::Event;
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(namespace = "quick", crate = "tidings_core")]
/// struct Started;
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(namespace = "quick", crate = "tidings_core")]
/// enum Quick {
///     Started, // `quick.started`, as the type of the variant below
///     #[event(transparent)]
///     Again(Started),
/// }
/// # let _ = Quick::TYPES;
/// ```
///
/// # Serde's own attributes
///
/// They are honoured: `rename`, `rename_all`, `rename_all_fields`, `alias`, `default`,
/// `skip…`, `flatten`, `with` and the rest. A variant that serde skips on reading is an error
/// on decoding, and does not disturb its neighbours. Volatile fields are named as serde
/// writes them.
///
/// Refused are those that put another form on the wire: `tag`, `content`, `untagged`,
/// `from`, `into`, `try_from`, `remote`, `transparent`, `field_identifier` and
/// `variant_identifier` on the type, `untagged` and `other` on a variant. `volatile` does
/// not go with `flatten` or `skip` on its field, nor with `with` on its variant.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    event::derive(parse_macro_input!(input as DeriveInput)).into()
}

/// Makes an enum of unit variants the `State` of a state machine, checked by the compiler.
///
/// ```
/// use tidings_core::state::{State, StateMachine};
/// use tidings_derive::State;
///
/// #[derive(Debug, Clone, Copy, PartialEq, Eq, State)]
/// #[state(crate = "tidings_core")]
/// enum Case {
///     #[state(initial)]
///     #[to(Running, Skipped)]
///     Idle,
///     #[to(Done)]
///     Running,
///     #[terminal]
///     Done,
///     #[terminal]
///     Skipped,
/// }
///
/// let machine = StateMachine::<Case>::new("case#17");
/// assert!(machine.transition(Case::Done).is_err());
/// assert!(machine.transition(Case::Running).is_ok());
/// assert_eq!(Case::Idle.targets(), [Case::Running, Case::Skipped]);
/// ```
///
/// # Attributes
///
/// | on | attribute | meaning |
/// |---|---|---|
/// | exactly one variant | `#[state(initial)]` | where a machine begins |
/// | variant | `#[to(Running, Skipped)]` | the states that may follow; itself only if listed |
/// | variant | `#[terminal]` | nothing else follows |
/// | enum, variant | `#[state(name = "…")]` | its name; default: the Rust name in snake case |
/// | enum | `#[state(crate = "path")]` | where the core is found; default: `::tidings` |
///
/// Refused, with the names: no or two initial states, states that cannot be reached, dead
/// ends not marked terminal, terminals with exits, edges listed twice, targets that are no
/// state, variants with fields.
#[proc_macro_derive(State, attributes(state, to, terminal))]
pub fn derive_state(input: TokenStream) -> TokenStream {
    state::derive(parse_macro_input!(input as DeriveInput)).into()
}
