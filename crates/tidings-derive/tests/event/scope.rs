//! Where a derive may stand, and that nothing around it changes what it means.

use crate::{round_trip, types};

#[test]
fn an_event_may_be_declared_in_a_function_body() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(namespace = "local", crate = "tidings_core")]
    enum Local {
        Here,
        #[event(transparent)]
        Deeper(Inner),
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(crate = "tidings_core")]
    struct Inner;

    round_trip(&Local::Here, "local.here", "null");
    round_trip(&Local::Deeper(Inner), "inner", "null");
    assert_eq!(Local::HERE, "local.here");
}

#[deny(missing_docs, unreachable_pub, dead_code, unused, clippy::pedantic)]
mod visibility {
    //! Every visibility, under strict lints.

    macro_rules! declare {
        ($visibility:vis $name:ident) => {
            /// An event.
            #[derive(Debug, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
            #[event(crate = "tidings_core")]
            $visibility enum $name {
                /// Something.
                Happened,
                /// Something that is not done any more.
                #[deprecated]
                Old,
            }
        };
    }

    declare!(pub(crate) InCrate);
    declare!(pub(super) InSuper);
    declare!(pub(in crate::scope) InPath);

    pub(super) mod inner {
        declare!(Private);

        pub(in super::super) fn type_of_private() -> tidings_core::EventType {
            assert!(matches!(Private::Happened, Private::Happened));
            Private::HAPPENED
        }
    }
}

#[test]
fn constants_are_as_visible_as_their_type() {
    let constructed = (
        visibility::InCrate::Happened,
        visibility::InSuper::Happened,
        visibility::InPath::Happened,
    );
    assert!(matches!(constructed, (visibility::InCrate::Happened, _, _)));
    assert_eq!(visibility::InCrate::HAPPENED, "in_crate.happened");
    assert_eq!(visibility::InSuper::HAPPENED, "in_super.happened");
    assert_eq!(visibility::InPath::HAPPENED, "in_path.happened");
    assert_eq!(visibility::inner::type_of_private(), "private.happened");
    assert_eq!(types::<visibility::InPath>(), ["in_path.happened", "in_path.old"]);
}

mod facade {
    //! The core under another name, as a framework hands it on.

    pub(crate) use tidings_core::__private;
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
#[event(crate = "self::facade")]
enum Renamed {
    Seen(u8),
}

#[test]
fn the_core_is_found_under_another_name() {
    round_trip(&Renamed::Seen(1), "renamed.seen", "1");
}

mod shadowed {
    //! A scope in which the usual names mean something else.

    #![expect(dead_code, reason = "they are there to be in the way")]
    #![expect(non_upper_case_globals, reason = "a constant turns a binding into a pattern")]

    pub(crate) trait Event {}
    pub(crate) struct EventType;
    pub(crate) struct Descriptor;
    pub(crate) struct Role;
    pub(crate) struct Debug;
    pub(crate) struct FnMut;
    pub(crate) mod std {}
    pub(crate) mod core {}
    pub(crate) const encoder: u8 = 0;
    pub(crate) const index: u8 = 0;
    pub(crate) const data: u8 = 0;
    pub(crate) const visit: u8 = 0;
    pub(crate) const target: u8 = 0;
    pub(crate) const inner: u8 = 0;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct Option(pub(crate) u8);
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct Vec(pub(crate) u8);
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct Result(pub(crate) u8);
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(crate) struct String(pub(crate) u8);

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(namespace = "shadowed", crate = "::tidings_core")]
    pub(crate) enum Shadowed {
        Ok(Option),
        Err(Vec, Result),
        Some {
            text: String,
            count: u8,
        },
        None,
        #[event(transparent)]
        Inner(Embedded),
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(crate = "::tidings_core")]
    pub(crate) struct Embedded {
        pub(crate) value: Option,
        pub(crate) place: u8,
    }

    impl Shadowed {
        pub(crate) fn descriptor() {}
        pub(crate) fn role() {}
        pub(crate) fn event_type() {}
        pub(crate) fn encode() {}
        pub(crate) fn project() {}
    }
}

#[test]
fn names_in_scope_change_nothing() {
    use shadowed::{Embedded, Option, Result, Shadowed, String, Vec};

    round_trip(&Shadowed::Ok(Option(1)), "shadowed.ok", "1");
    round_trip(&Shadowed::Err(Vec(1), Result(2)), "shadowed.err", "[1,2]");
    let some = Shadowed::Some { text: String(1), count: 2 };
    round_trip(&some, "shadowed.some", r#"{"count":2,"text":1}"#);
    round_trip(&Shadowed::None, "shadowed.none", "null");
    let embedded = Embedded { value: Option(1), place: 2 };
    round_trip(&Shadowed::Inner(embedded), "embedded", r#"{"place":2,"value":1}"#);
}

/// Declares an event from pieces that a macro was given.
macro_rules! event {
    ($name:ident { $($variant:ident($ty:ty)),* }) => {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
        #[event(crate = "tidings_core")]
        enum $name {
            $($variant($ty),)*
            #[event(transparent)]
            Embedded(Renamed),
        }
    };
}

event!(FromMacro { Number(u32), Text(String) });

#[test]
fn a_macro_may_declare_an_event() {
    round_trip(&FromMacro::Text("x".to_owned()), "from_macro.text", r#""x""#);
    round_trip(&FromMacro::Number(1), "from_macro.number", "1");
    round_trip(&FromMacro::Embedded(Renamed::Seen(2)), "renamed.seen", "2");
}
