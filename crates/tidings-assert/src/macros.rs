//! The exported macros: each hands its own `$crate` to the procedural half, so that they
//! work under whatever name the crate is known.

/// Asserts what a recorder has heard, and panics with a table of the differences.
///
/// The first argument is a [`Recorder`](crate::Recorder), or a reference to one; clauses
/// follow, separated by commas, and all of them must hold:
///
/// | clause | holds when |
/// |---|---|
/// | `exactly: [P, …]` | these events were recorded, in this order, and no others |
/// | `in_order: [P, …]` | they were recorded in this order, others between them or not |
/// | `any_order: [P, …]` | each pattern has an event of its own, others or not |
/// | `never: [P, …]`, `never: P` | nothing that matches was recorded |
/// | `count: { P => 3, P => 1..=2, P => 2.. }` | so many events match |
/// | `starts_before_finish` | every end has an earlier beginning of the same entity, and every beginning an end, by the hints `#[event(begin)]` and `#[event(end)]` |
/// | `per(\|envelope\| key), …` | every clause after it, up to the next `per`, holds for each group of events with the same key |
///
/// `exactly` is the one that allows no other events; for exactly these in any order add
/// `count: { _ => n }`.
///
/// # Patterns
///
/// `P` is a Rust pattern, with a guard if need be, that the compiler checks; the event's type
/// follows from it, and one list may name events of several types. `_` is any event.
///
/// An empty recording fails every clause but `never`, `exactly: []` and counts that allow
/// zero. `in_order: []` and `any_order: []` say nothing and do not compile.
///
/// # Strings
///
/// As anywhere in Rust a literal is a pattern for a `&'static str` and none for a `String`:
/// `CaseFailed { message: "x", .. }` is a type error (E0308, "expected `String`, found
/// `&str`") where `message` is a `String`. Write a guard:
/// `CaseFailed { message, .. } if message == "x"`. The macro cannot tell the two apart,
/// because it does not know the field's type.
///
/// # Suggestions
///
/// A clause under `per` that does not hold for one group is not corrected: what would hold
/// for that group need not hold for the others. A suggestion that asks less than what was
/// written says so: `// less strict than before`.
///
/// # Panics
///
/// When a clause does not hold, at the place of the call. [`check_events!`](crate::check_events!)
/// returns the same text instead.
///
/// ```
/// use tidings_assert::{Recorder, assert_events, test_bus};
/// use tidings_derive::Event;
///
/// #[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
/// #[event(namespace = "quick_test", crate = "tidings_core")]
/// enum QuickTest {
///     #[event(begin)]
///     Started { test_name: String },
///     Step(u32),
///     #[event(end(success))]
///     Completed { seconds: f64 },
/// }
///
/// let (bus, _clock) = test_bus();
/// let recorder = Recorder::on(&bus);
/// let emitter = bus.emitter("quick_test", "test-001");
/// emitter.emit(QuickTest::Started { test_name: "x".to_owned() });
/// emitter.emit(QuickTest::Step(1));
/// emitter.emit(QuickTest::Step(2));
/// emitter.emit(QuickTest::Completed { seconds: 0.5 });
///
/// assert_events!(
///     recorder,
///     in_order: [QuickTest::Started { test_name } if test_name == "x", QuickTest::Completed { .. }],
///     any_order: [QuickTest::Step(2), QuickTest::Step(1)],
///     count: { QuickTest::Step(_) => 1..=2, _ => 4 },
///     never: QuickTest::Step(3..),
///     starts_before_finish,
///     per(|envelope| envelope.entity()), count: { QuickTest::Completed { .. } => 1 },
/// );
/// ```
#[macro_export]
macro_rules! assert_events {
    ($($tokens:tt)*) => {
        $crate::__private::assert_events! { ($crate) $($tokens)* }
    };
}

/// Checks what [`assert_events!`](crate::assert_events!) asserts, as a `Result`.
///
/// ```
/// use tidings_assert::{Recorder, check_events};
///
/// let recorder = Recorder::new();
/// let mismatch = check_events!(recorder, exactly: [_]).expect_err("nothing was emitted");
/// assert!(mismatch.to_string().starts_with("exactly: nothing was recorded"));
/// ```
#[macro_export]
macro_rules! check_events {
    ($($tokens:tt)*) => {
        $crate::__private::check_events! { ($crate) $($tokens)* }
    };
}

/// Makes a [`Pattern`](crate::Pattern) of a Rust pattern with or without a guard.
///
/// For [`Recorder::wait_for`](crate::Recorder::wait_for) and
/// [`Expectation`](crate::Expectation). The guard borrows what it names, or owns it when
/// `move` stands in front.
///
/// ```
/// use tidings_assert::event;
///
/// let strict = true;
/// let pattern = event!(move _ if strict);
/// assert_eq!(pattern.text(), "_ if strict");
/// ```
#[macro_export]
macro_rules! event {
    ($($tokens:tt)*) => {
        $crate::__private::event! { ($crate) $($tokens)* }
    };
}

/// Asserts that two recorders have heard the same: types, entities and content.
///
/// Volatile fields, ids and times do not count; the order of arrival does, so events of
/// several threads are better compared entity by entity. Two empty recordings are an error.
///
/// # Panics
///
/// When they differ, with the first recording on the expected side.
///
/// ```
/// use tidings_assert::{Recorder, assert_same_events, test_bus};
///
/// let record = || {
///     let (bus, _clock) = test_bus();
///     let recorder = Recorder::on(&bus);
///     bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({"n": 1})).map(|_| recorder)
/// };
/// assert_same_events!(record()?, record()?);
/// # Ok::<(), tidings_core::RawEmitError>(())
/// ```
#[macro_export]
macro_rules! assert_same_events {
    ($expected:expr, $actual:expr $(,)?) => {
        $crate::__private::enforce($crate::__private::same(&$expected, &$actual))
    };
}
